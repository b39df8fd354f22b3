"""Every act by its name: its command, its line in lists, and where its function is.

Nothing is imported to read this, so that `steward --help` answers at once. A test holds that every act
declared anywhere in tasks/ stands here, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.acts.act import Act


@dataclass(frozen=True)
class Entry:
    """Where an act is found. `command` are the words after `steward`, `target` is "module:function".

    An act that `takes_file` in has no run form: the file is on the user's machine. Nor has one that is
    `confidential`, in what it is given or gives: what a run is given and says stays in Prefect.
    """

    command: str
    target: str
    line: str
    takes_file: bool = False
    confidential: bool = False

    @property
    def has_run_form(self) -> bool:
        """Whether Prefect has a form of it."""
        return not self.takes_file and not self.confidential

    def load(self) -> "Act[Any, Any]":
        """The act itself. Its module is imported now."""
        module, name = self.target.split(":")
        found: Act[Any, Any] = getattr(import_module(module), name)
        return found


#: Titles of acts whose name says less than its page has to.
_TITLES: Mapping[str, str] = {"report-an-account": "Say that a new account is there"}


def titled(name: str) -> str:
    """An act's name as a title: the name of its page."""
    return _TITLES.get(name) or name.replace("-", " ").capitalize()


#: The name is the run form's in Prefect.
ACTS: Mapping[str, Entry] = {
    "ask-for-an-account": Entry(
        "request new", "tasks.requests.hand_in:submit_request", "Ask for an account."
    ),
    "withdraw-a-request": Entry(
        "request withdraw", "tasks.requests.hand_in:withdraw_request", "Take a request back."
    ),
    "decide-a-request": Entry("decide", "tasks.requests.decide:record_decision", "Decide a request."),
    "take-a-decision-back": Entry(
        "request reconsider", "tasks.requests.reconsider:take_decision_back", "Decide it again."
    ),
    "record-a-completion": Entry(
        "complete", "tasks.training.completions:record_completion", "Somebody completed a course."
    ),
    "acknowledge-guidelines": Entry(
        "attest guidelines", "tasks.access.gates:acknowledge_guidelines", "You have read the guidelines."
    ),
    "acknowledge-advice": Entry(
        "attest advice", "tasks.guidance.acknowledge:acknowledge_advice", "You have read your advice."
    ),
    "accept-responsibility": Entry(
        "attest responsibility", "tasks.access.gates:accept_responsibility", "You accept responsibility."
    ),
    "report-an-account": Entry(
        "attest created", "tasks.accounts.report:report_account", "The account is there."
    ),
    "attest-privacy-settings": Entry(
        "attest privacy", "tasks.privacy.attest:attest_privacy", "The privacy settings are set."
    ),
    "attest-a-notice": Entry(
        "attest notice", "tasks.pages.attest_notice:attest_notice", "You saw the notice on a page."
    ),
    "overrule-a-look": Entry(
        "attest otherwise", "tasks.pages.overrule:overrule", "You saw something else than a look found."
    ),
    "attest-a-profile": Entry(
        "attest profile", "tasks.pages.attest_profile:attest_profile", "You saw whose account it is."
    ),
    "log-an-enquiry": Entry(
        "enquiry log", "tasks.public.enquiries:log_enquiry", "Somebody of the public asked something."
    ),
    "answer-an-enquiry": Entry(
        "enquiry answer", "tasks.public.enquiries:answer_enquiry", "It is answered, in public or directly."
    ),
    "close-an-enquiry": Entry("enquiry close", "tasks.public.enquiries:close_enquiry", "It needs no answer."),
    "open-an-enquiry-again": Entry(
        "enquiry open", "tasks.public.enquiries:open_enquiry", "It waits for an answer after all."
    ),
    "record-a-removal": Entry(
        "removal log", "tasks.public.removals:log_removal", "Something was taken down.", takes_file=True
    ),
    "undo-a-removal": Entry("removal undo", "tasks.public.removals:undo_removal", "It was put back."),
    "look-at-a-removal": Entry(
        "removal show", "tasks.public.removals:show_removal", "What was taken down.", confidential=True
    ),
    "export-removals": Entry(
        "removal export",
        "tasks.public.removals_export:export_removals",
        "Into a folder, for a request for information.",
        confidential=True,
    ),
    "report-misleading-information": Entry(
        "correction report",
        "tasks.public.corrections:report_misleading",
        "Something said in public is wrong.",
    ),
    "acknowledge-misleading-information": Entry(
        "correction acknowledge", "tasks.public.corrections:acknowledge_misleading", "It was said that it is."
    ),
    "correct-misleading-information": Entry(
        "correction done", "tasks.public.corrections:correct_misleading", "It is put right."
    ),
    "leave-information-as-it-is": Entry(
        "correction close", "tasks.public.corrections:leave_uncorrected", "It needs no correction."
    ),
    "open-a-correction-again": Entry(
        "correction open", "tasks.public.corrections:reopen_correction", "It is to be put right after all."
    ),
    "report-a-contact": Entry(
        "contact report",
        "tasks.contacts.sharing:report_contact",
        "A student tried to reach you in private.",
        confidential=True,
    ),
    "look-at-a-contact-report": Entry(
        "contact show", "tasks.contacts.sharing:show_contact", "What was shared with you.", confidential=True
    ),
    "withdraw-a-contact-report": Entry(
        "contact withdraw", "tasks.contacts.sharing:withdraw_contact", "Take it back.", confidential=True
    ),
    "list-contact-reports": Entry(
        "contact list", "tasks.contacts.sharing:list_contacts", "Those that you may see.", confidential=True
    ),
    "check-in": Entry("check-in", "tasks.monitoring.check_in:check_in", "You looked at your accounts today."),
    "record-a-new-password": Entry(
        "rotate record", "tasks.credentials.rotate:record_rotation", "The password was changed."
    ),
    "confirm-a-new-password": Entry(
        "rotate confirm", "tasks.credentials.rotate:confirm_rotation", "You have the new password."
    ),
    "review-administrators": Entry(
        "rotate review", "tasks.credentials.review_list:record_review", "You looked at who administers."
    ),
    "suspend-an-account": Entry(
        "account suspend", "tasks.suspension.suspend:suspend_account", "Suspend it at once."
    ),
    "stop-accounts": Entry(
        "account stop", "tasks.stops.stopping:stop_accounts", "Stop some in an emergency."
    ),
    "confirm-a-stop": Entry(
        "account confirm-stop", "tasks.stops.stopping:confirm_stop", "As the second office."
    ),
    "ask-for-a-return": Entry("account ask-back", "tasks.suspension.returns:ask_back", "Ask for it back."),
    "take-hold-of-an-account": Entry(
        "account hold", "tasks.suspension.returns:take_hold", "Say that you can reach it."
    ),
    "reinstate-an-account": Entry(
        "account reinstate", "tasks.suspension.suspend:reinstate_account", "Bring it back."
    ),
    "exempt-an-account": Entry(
        "account exempt", "tasks.accounts.exempting:exempt_account", "No finding suspends it, until a day."
    ),
    "end-an-exemption": Entry(
        "account unexempt", "tasks.accounts.exempting:end_exemption", "Findings may suspend it again."
    ),
    "hold-what-waits": Entry("brake hold", "tasks.brakes.answering:hold", "It waits until a day."),
    "let-happen-what-waits": Entry("brake release", "tasks.brakes.answering:release", "It goes on."),
    "add-an-administrator": Entry(
        "account add-administrator",
        "tasks.accounts.administrators:add_administrator",
        "Name another administrator.",
    ),
    "decide-on-an-administrator": Entry(
        "account decide-administrator",
        "tasks.accounts.proposals:decide_administrator",
        "Somebody was named.",
    ),
    "remove-an-administrator": Entry(
        "account remove-administrator",
        "tasks.accounts.administrators:remove_administrator",
        "Take somebody off it.",
    ),
    "replace-an-administrator": Entry(
        "account replace-administrator",
        "tasks.accounts.administrators:replace_administrator",
        "Put somebody in another's place.",
    ),
    "keep-an-administrator": Entry(
        "account keep-administrator",
        "tasks.accounts.administrators:keep_administrator",
        "Somebody stays after all.",
    ),
    "rename-an-account": Entry(
        "account rename", "tasks.accounts.renaming:rename_account", "It has a new handle or address."
    ),
    "move-an-account": Entry(
        "account move", "tasks.accounts.renaming:move_account", "It belongs to another school."
    ),
    "hand-an-account-over": Entry(
        "account hand-over", "tasks.accounts.handing_over:hand_over", "Others administer it from now on."
    ),
    "close-an-account": Entry("account close", "tasks.accounts.closing:close_account", "Close it."),
    "keep-an-account": Entry(
        "account keep", "tasks.accounts.closing:keep_account", "It is not closed after all."
    ),
    "open-an-account-again": Entry(
        "account open", "tasks.accounts.closing:open_again", "Open a closed one again."
    ),
    "ask-for-leave": Entry("leave ask", "tasks.leave.asking:ask_leave", "Ask for leave."),
    "renew-a-leave": Entry("leave renew", "tasks.leave.asking:renew_leave", "Ask for more of it."),
    "withdraw-a-leave": Entry("leave withdraw", "tasks.leave.asking:withdraw_leave", "You need it no more."),
    "decide-a-leave": Entry("leave decide", "tasks.leave.deciding:decide_leave", "Grant or refuse it."),
    "revoke-a-leave": Entry("leave revoke", "tasks.leave.deciding:revoke_leave", "It ends at once."),
    "report-what-was-broken": Entry(
        "incident report", "tasks.incidents.reporting:report_incident", "A policy or a law was broken."
    ),
    "take-a-report-on": Entry(
        "incident take-on", "tasks.incidents.reporting:take_report_on", "The person is heard."
    ),
    "dismiss-a-report": Entry(
        "incident dismiss", "tasks.incidents.reporting:dismiss_report", "It is not taken on."
    ),
    "answer-a-report": Entry(
        "incident answer", "tasks.incidents.reporting:answer_report", "Say what happened."
    ),
    "decide-on-a-report": Entry(
        "incident decide", "tasks.incidents.deciding:decide_on_report", "Decide what follows."
    ),
    "appeal-a-decision": Entry("incident appeal", "tasks.incidents.deciding:appeal", "Appeal, once."),
    "decide-an-appeal": Entry(
        "incident decide-appeal", "tasks.incidents.deciding:decide_appeal", "Uphold or overturn it."
    ),
    "note-an-outside-sanction": Entry(
        "incident outside", "tasks.incidents.deciding:note_outside", "What others imposed."
    ),
    "void-a-completion": Entry(
        "completion void", "tasks.training.completions:void_completion", "It does not count after all."
    ),
    "restore-a-completion": Entry(
        "completion restore", "tasks.training.completions:restore_completion", "It counts again."
    ),
    "give-an-office": Entry("role grant", "tasks.people.offices:grant_role", "Give somebody an office."),
    "end-an-office": Entry("role end", "tasks.people.offices:end_role", "End an office."),
    "bind-a-user": Entry("user bind", "tasks.people.users:bind_user", "A terminal's user is somebody."),
    "unbind-a-user": Entry("user unbind", "tasks.people.users:unbind_user", "It is that person no longer."),
    "end-an-absence": Entry("absence end", "tasks.people.absences:end_absence", "Somebody is here again."),
    "change-a-deputy": Entry(
        "absence deputy", "tasks.people.absences:change_deputy", "Somebody else deputizes."
    ),
    "note-a-return": Entry(
        "person return", "tasks.people.returning:person_returns", "Somebody who had left is back."
    ),
    "name-a-supervisor": Entry(
        "person supervisor", "tasks.people.supervisors:name_supervisor", "Say who somebody's supervisor is."
    ),
    "merge-two-records": Entry(
        "person merge", "tasks.people.merging:merge_people", "Two records of one person become one."
    ),
    "export-a-person": Entry(
        "person export",
        "tasks.people.export_person:export_person",
        "Everything that is stored of somebody, as files.",
        confidential=True,
    ),
    "forget-a-person": Entry(
        "person forget", "tasks.people.forgetting:forget_person", "Names and addresses go for good."
    ),
    "note-an-absence": Entry(
        "absence note", "tasks.people.absences:note_absence", "Somebody is away, and who deputizes."
    ),
    "designate-an-administrator": Entry(
        "designate", "tasks.people.designations:designate", "Designate an administrator."
    ),
    "confirm-a-list": Entry(
        "school confirm", "tasks.inventory.confirming:confirm_list", "Its list of accounts is right."
    ),
    "report-a-page": Entry(
        "page report", "tasks.inventory.pages:report_page", "Nobody approved a page that seems to be ours."
    ),
    "adopt-a-page": Entry("page adopt", "tasks.inventory.pages:adopt_page", "It is asked for now."),
    "shut-a-page": Entry("page shut", "tasks.inventory.pages:shut_page", "It is shut."),
    "dismiss-a-page": Entry("page dismiss", "tasks.inventory.pages:dismiss_page", "It is not ours."),
    "open-a-page-again": Entry("page open", "tasks.inventory.pages:open_page", "It waits after all."),
    "merge-schools": Entry("school merge", "tasks.accounts.schools:merge_schools", "Into another one."),
    "close-a-school": Entry("school close", "tasks.accounts.schools:close_school", "It is no longer there."),
    "open-a-school-again": Entry(
        "school open", "tasks.accounts.schools:open_school", "It is there after all."
    ),
    "end-a-designation": Entry(
        "designation end", "tasks.people.designations:end_designation", "Somebody is designated no longer."
    ),
    "say-who-is-the-same": Entry(
        "import same", "tasks.people.same:say_who_is_the_same", "Say whether two are one person."
    ),
    "settle-a-mail-domain": Entry(
        "import settle-all",
        "tasks.training.unmatched:settle_domain",
        "A mail domain is none of ours.",
    ),
    "forget-a-mapping": Entry(
        "import unmap", "tasks.acts.forget_mapping:forget_mapping", "A column's other name is forgotten."
    ),
    "settle-a-row": Entry("import settle", "tasks.training.unmatched:settle_row", "Say whose a row is."),
    "adopt-a-policy": Entry(
        "policy adopt",
        "tasks.adoption.adopt:adopt_policy",
        "Make a file the one in use.",
        takes_file=True,
    ),
    "observe-with-a-control": Entry(
        "control observe", "tasks.adoption.modes:observe_control", "It only observes from now on."
    ),
    "enforce-a-control": Entry(
        "control enforce", "tasks.adoption.modes:enforce_control", "It acts again, from a day on."
    ),
    "set-the-clock-right": Entry(
        "audit clock", "tasks.acts.set_clock:set_clock_right", "A clock ran ahead and is right again."
    ),
    "release-notices": Entry(
        "mail release", "tasks.mail.release:release_parked", "Let parked notices leave."
    ),
    "import-a-roster": Entry(
        "import roster", "tasks.people.roster:import_roster", "A roster.", takes_file=True
    ),
    "import-training": Entry(
        "import training",
        "tasks.training.import_completions:import_training",
        "Training completions.",
        takes_file=True,
    ),
    "import-accounts": Entry(
        "import accounts",
        "tasks.inventory.import_accounts:import_accounts",
        "Accounts that exist.",
        takes_file=True,
    ),
}
