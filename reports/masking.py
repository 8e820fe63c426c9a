"""Facts with account numbers masked, for what people read: a page is mailed, printed and left lying.

Every place where an account stands as itself gets its mask, and so does every sentence of an alert that names one of
its accounts. Masks show the last characters, as a bank's letters do; where two accounts of one report would look alike
they are numbered. The payments keep the bank's own references, which lead whoever is entitled to the accounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from detectors.finding import Finding, Reason
from flows.payments import node_class
from flows.pseudonyms import masked
from flows.window import SideTables
from reports.alert import AccountInAlert, Alert
from reports.facts import ScanFacts

HOLDERS = frozenset({"account", "ext"})
"""Classes of node that stand for one holder; a machine, a shop or an office keeps its name."""
_SHOWN: Final = "_shown"


def for_people(facts: ScanFacts) -> ScanFacts:
    """Give the facts as people may read them: with every account masked, where the facts say so.

    Parameters
    ----------
    facts : ScanFacts
        As a scan gives them.

    Returns
    -------
    ScanFacts
        Findings keep their ids; `findings_of` and `evidence` answer as before.
    """
    if not facts.masked:
        return facts
    # Page, print and tables of a night are made from the same facts, which never change.
    if _SHOWN not in vars(facts):
        vars(facts)[_SHOWN] = _masked(facts)
    shown: ScanFacts = vars(facts)[_SHOWN]
    return shown


def _masked(facts: ScanFacts) -> ScanFacts:
    mask = _Mask(masks_of(_accounts(facts)))
    alerted = {account.account_id for alert in facts.alerts for account in alert.accounts}
    return replace(
        facts,
        alerts=tuple(_alert(alert, facts, mask) for alert in facts.alerts),
        findings=tuple(_finding(finding, mask) for finding in facts.findings),
        payments=_columns(facts.payments, ("payer", "payee"), mask.name),
        hubs=None if facts.hubs is None else _columns(facts.hubs, facts.hubs.column_names[:1], mask.name),
        side=_side(facts.side, alerted, mask),
        account_scores=None,
        usual=facts.usual.under(mask.name),
    )


def masks_of(accounts: Iterable[str]) -> dict[str, str]:
    """Give every account a mask of its own, the same for the same accounts.

    Examples
    --------
    >>> masks_of(["FR7630006000011234567890189", "DE02700100100000000189", "mer:rooms-direct"])
    {'DE02700100100000000189': '…0189', 'FR7630006000011234567890189': '…0189 (2)'}
    """
    masks: dict[str, str] = {}
    alike: dict[str, int] = {}
    for account in sorted(set(accounts)):
        if node_class(account) in HOLDERS:
            shown = masked(account)
            alike[shown] = alike.get(shown, 0) + 1
            masks[account] = shown if alike[shown] == 1 else f"{shown} ({alike[shown]})"
    return masks


def masking(accounts: Iterable[str]) -> Callable[[str], str]:
    """Give what masks these accounts in any text that names one.

    Examples
    --------
    >>> masking(["DE02700100100000000189"])("DE02700100100000000189 paid 4 times.")
    '…0189 paid 4 times.'
    """
    named = set(accounts)
    return _Mask(masks_of(named)).sentences(named)


class _Mask:
    """Puts masks in the place of accounts."""

    def __init__(self, masks: Mapping[str, str]) -> None:
        self._masks = masks

    def name(self, account: str) -> str:
        """Mask one account."""
        return self._masks.get(account, account)

    def sentences(self, accounts: Iterable[str]) -> Callable[[str], str]:
        """Give what masks these accounts in a sentence; numbers and dates are no accounts, even where one looks so."""
        named = sorted((account for account in set(accounts) if account in self._masks), key=len, reverse=True)
        if not named:
            return str

        def said(text: str) -> str:
            # Most sentences name nobody, and to compile a pattern of all who could be named takes longer than to look.
            found = [account for account in named if account in text]
            if not found:
                return text
            inside = "|".join(map(re.escape, found))
            pattern = rf"(?<![\w:.,-])(?:{inside})(?![\w-]|[.,:]\d)"
            return re.sub(pattern, lambda match: self._masks[match[0]], text)

        return said


def _accounts(facts: ScanFacts) -> set[str]:
    named = {account for finding in facts.findings for account in (*finding.accounts, finding.centre)}
    named |= {account for alert in facts.alerts for account in (one.account_id for one in alert.accounts)}
    for column in ("payer", "payee"):
        named |= set(pc.unique(facts.payments[column]).to_pylist())
    if facts.hubs is not None:
        named |= set(facts.hubs.column(0).to_pylist())
    return named


def _alert(alert: Alert, facts: ScanFacts, mask: _Mask) -> Alert:
    evidence = facts.evidence(alert, ("payer", "payee"))
    named = {one.account_id for one in alert.accounts}
    named |= {*pc.unique(evidence["payer"]).to_pylist(), *pc.unique(evidence["payee"]).to_pylist()}
    said = mask.sentences(named)
    return replace(
        alert,
        title=said(alert.title),
        why=said(alert.why),
        accounts=tuple(AccountInAlert(mask.name(one.account_id), said(one.likely_role)) for one in alert.accounts),
        indicators=tuple(replace(one, sentence=said(one.sentence)) for one in alert.indicators),
        mitigations=tuple(replace(one, sentence=said(one.sentence)) for one in alert.mitigations),
        innocent=tuple(map(said, alert.innocent)),
        not_computable=tuple(map(said, alert.not_computable)),
        would_clear=tuple(map(said, alert.would_clear)),
        route=said(alert.route),
        caution=said(alert.caution),
        subjects=tuple(map(mask.name, alert.subjects)),
    )


def _finding(finding: Finding, mask: _Mask) -> Finding:
    said = mask.sentences(finding.accounts)
    told = replace(
        finding,
        centre=mask.name(finding.centre),
        accounts=tuple(map(mask.name, finding.accounts)),
        roles=tuple((mask.name(account), said(role)) for account, role in finding.roles),
        reasons=tuple(_reason(reason, said) for reason in finding.reasons),
    )
    # Its id is made from the account itself; alerts name findings by it.
    vars(told)["finding_id"] = finding.finding_id
    return told


def _reason(reason: Reason, said: Callable[[str], str]) -> Reason:
    values: tuple[tuple[str, Any], ...] = tuple(
        (name, said(value) if isinstance(value, str) else value) for name, value in reason.values
    )
    return replace(reason, says=said(reason.says), many=said(reason.many), values=values)


def _side(side: SideTables, accounts: set[str], mask: _Mask) -> SideTables:
    """Keep what is on file of the accounts in alerts, under their masks; nothing else of it is read."""
    if side.accounts is None:
        return side
    named = side.accounts.filter(
        pc.is_in(side.accounts["account_id"], value_set=pa.array(sorted(accounts), pa.string()))
    )
    return replace(side, accounts=_columns(named, ("account_id",), mask.name))


def _columns(table: pa.Table, names: Iterable[str], mask: Callable[[str], str]) -> pa.Table:
    for name in names:
        column = table.column(name)
        told = pa.array([None if value is None else mask(value) for value in column.to_pylist()], pa.string())
        table = table.set_column(table.column_names.index(name), name, told)
    return table
