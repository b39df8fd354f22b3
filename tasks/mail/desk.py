"""Where the mails of a batch are written: some ahead, while the server answers."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from tasks.mail.parcel import Parcel
from tasks.mail.writing import Mail, Writer


@dataclass
class Desk:
    """The parcels of a batch that wait to be written, and the mails that wait to leave."""

    writer: Writer
    waiting: deque[Parcel]
    ready: deque[Mail] = field(default_factory=deque)

    @property
    def has_more(self) -> bool:
        """Whether anything is left to be written or to leave."""
        return bool(self.waiting or self.ready)

    async def write(self, wanted: int) -> None:
        """Write until so many are ready, or all are written. Others have their turn between two mails."""
        while self.waiting and len(self.ready) < wanted:
            if (mail := self.writer.write(self.waiting.popleft())) is not None:
                self.ready.append(mail)
            await asyncio.sleep(0)

    async def take(self, wanted: int) -> list[Mail]:
        """The next mails: so many, unless there are no more."""
        await self.write(wanted)
        return [self.ready.popleft() for _ in range(min(wanted, len(self.ready)))]

    def rest(self) -> list[Parcel]:
        """What has not left, written or not."""
        return [*(mail.parcel for mail in self.ready), *self.waiting]
