"""Take pictures of the running stack, Prefect's pages and our own, with a headless Chromium.

    python docs/make_picture.py                      all pictures of docs/
    python docs/make_picture.py PATH FILE            any page: /v2/deployments, /v2/runs, a run's form

Needs a running `steward up`, and Chromium (Debian: apt-get install chromium).
"""

import argparse
import asyncio
import base64
import itertools
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websockets
from playwright.async_api import async_playwright

from policy.model import load as load_policy
from schemas.settings import ROOT, Settings, load
from tasks.lifecycles import every
from tasks.prefect.api import PrefectApi, find

WIDTH, HEIGHT = 1440, 900
#: The page is ready when it has not asked its server for anything for so long.
QUIET_SECONDS = 2.0
LONGEST_SECONDS = 40.0
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


class Page:
    """A page of the browser, spoken to in Chrome's DevTools protocol."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command, and its result."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(await self._socket.recv())
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                result: dict[str, Any] = told["result"]
                return result

    async def quiet(self) -> None:
        """Wait until the page has stopped loading things."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        while loop.time() < end:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._socket.recv()
            except TimeoutError:
                return


@asynccontextmanager
async def browser() -> AsyncIterator[Page]:
    """A headless browser with one page, gone afterwards."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("There is no Chromium: install it with  sudo apt-get install chromium  and try again.")
    with tempfile.TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            "--headless=new",
            "--no-sandbox",  # its sandbox does not work as root; the page is our own
            "--disable-gpu",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"--window-size={WIDTH},{HEIGHT}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None  # noqa: S101
        try:
            address = ""
            while not address.startswith("ws://"):
                address = (await process.stderr.readline()).decode().partition("listening on ")[2].strip()
            async with websockets.connect(address, max_size=None) as control:
                target = await Page(control).do("Target.createTarget", url="about:blank")
            page_address = f"{address.partition('/devtools')[0]}/devtools/page/{target['targetId']}"
            async with websockets.connect(page_address, max_size=None) as socket:
                yield Page(socket)
        finally:
            process.terminate()
            await process.communicate()


async def take(url: str, auth: str, file: Path) -> None:
    """One picture. Logs in as the user interface itself does: by a value in its local storage."""
    password = base64.b64encode(auth.encode()).decode()
    login = f"localStorage.setItem('prefect-password', {json.dumps(password)});"
    async with browser() as page:
        await page.do("Page.enable")
        await page.do("Network.enable")
        await page.do(
            "Emulation.setDeviceMetricsOverride",
            width=WIDTH,
            height=HEIGHT,
            deviceScaleFactor=1,
            mobile=False,
        )
        await page.do("Page.addScriptToEvaluateOnNewDocument", source=login)
        await page.do("Page.navigate", url=url)
        await page.quiet()
        shot = await page.do("Page.captureScreenshot", format="png")
    await asyncio.to_thread(file.write_bytes, base64.b64decode(shot["data"]))
    sys.stdout.write(f"{file}  {url}\n")


async def newest_run(api: PrefectApi, deployment: str) -> str:
    """The page of the newest run of a deployment that went well."""
    found = await api.call(
        "POST",
        "flow_runs/filter",
        {
            "deployments": {"name": {"any_": [deployment]}},
            "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
            "sort": "EXPECTED_START_TIME_DESC",
            "limit": 1,
        },
    )
    if not found:
        sys.exit(f"No run of {deployment} has finished yet: start one, and take the pictures again.")
    return f"/v2/runs/flow-run/{found[0]['id']}"


async def one_account(api: PrefectApi) -> tuple[str, str]:
    """Of the account that most tasks were about lately: its newest run, and the search for its handle."""
    lifecycles = [one.name for one in every()]
    asked = {"deployments": {"name": {"any_": lifecycles}}, "sort": "END_TIME_DESC", "limit": 200}
    tasks = await api.call("POST", "task_runs/filter", asked)
    named = [(task["name"].split(" · "), task["flow_run_id"]) for task in tasks]
    named = [(parts[1], run) for parts, run in named if len(parts) > 2]  # noqa: PLR2004 - stage, account, outcome
    handles = Counter(name for name, _ in named if " " not in name)
    if not handles:
        sys.exit("No task was about one account yet: start a lifecycle for one, and take the pictures again.")
    ((handle, _),) = handles.most_common(1)
    run = next(run for name, run in named if name == handle)
    search = urlencode({"tab": "task-runs", "task-run-search": handle})
    return f"/v2/runs/flow-run/{run}", f"/v2/runs?{search}"


async def form(api: PrefectApi, deployment: str) -> str:
    """The page of a deployment's run form."""
    return f"/v2/deployments/deployment/{await api.deployment_id(deployment)}/run"


async def pictures(api: PrefectApi) -> dict[str, str]:
    """The pages of the pictures of docs/, by their files."""
    account, search = await one_account(api)
    return {
        "prefect-sweep.png": await newest_run(api, "nightly-sweep"),
        "prefect-account.png": account,
        "prefect-search.png": search,
        "prefect-act.png": await form(api, "decide-a-request"),
    }


async def of_the_portal(settings: Settings) -> None:
    """Our own pages, as people of the made-up division see them."""
    policy = load_policy(settings.policy_file)
    runs_school, keeps_policy = policy.duties.runs_school, policy.duties.keeps_policy
    phone, desk = {"width": 390, "height": 800}, {"width": 1280, "height": 800}
    wanted = (
        ("portal-phone.png", runs_school, "/", phone),
        ("portal-request.png", runs_school, "/requests/new", phone),
        ("portal-queue.png", keeps_policy, "/queue", desk),
    )
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, office, path, size in wanted:
            context = await chromium.new_context(viewport=size)
            page = await context.new_page()
            await page.goto(settings.portal_address + path)
            await page.get_by_role("link", name="Choose a sample person").click()
            await page.locator("button.person", has_text=policy.label(office)).first.click()
            await page.wait_for_url(lambda url: "sample-provider" not in url and "sign-in" not in url)
            file = ROOT / "docs" / name
            await page.screenshot(path=file)
            sys.stdout.write(f"{file}  {page.url}\n")
            await context.close()
        await chromium.close()


async def main() -> None:
    """Take what the arguments say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?")
    parser.add_argument("file", nargs="?", type=Path)
    chosen = parser.parse_args()
    address = find(load())
    if address is None:
        sys.exit("There is no stack to take a picture of: start `steward up` first.")
    url, auth = address
    if chosen.path and chosen.file:
        wanted = {chosen.file: chosen.path}
    else:
        async with PrefectApi(url, auth, 20) as api:
            wanted = {ROOT / "docs" / name: path for name, path in (await pictures(api)).items()}
        await of_the_portal(load())
    for file, path in wanted.items():
        await take(url.removesuffix("/api") + path, auth or "", file)


if __name__ == "__main__":
    asyncio.run(main())
