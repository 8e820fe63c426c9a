"""The FinCEN Files: flows between banks that were reported as suspicious, as published by the ICIJ (ODbL)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.errors import InputError
from flows.expressions import translated
from flows.reading import RawBatch, Sample, Table
from flows.translation import expecting, found, text_rows, translate

_FLOWS = (
    "id",
    "filer_org_name_id",
    "begin_date",
    "end_date",
    "originator_bank_id",
    "originator_bank",
    "originator_iso",
    "beneficiary_bank_id",
    "beneficiary_bank",
    "beneficiary_iso",
    "number_transactions",
    "amount_transactions",
)
_CONNECTIONS = ("icij_sar_id", "filer_org_name_id", "entity_b_id", "entity_b_iso_code")

# ISO 3166-1: three letters, then two.
_ALPHA_3_2 = """
ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI
BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT
BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU
CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET
FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR
GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR
IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB
LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH
MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE
NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL
PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ
SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC
TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY
USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW
"""
_COUNTRIES = {code[:3]: code[3:] for code in _ALPHA_3_2.split()}


def _bank(side: str) -> str:
    """Give the SQL for a bank by its name and country: ``credit-suisse-ag-ch``; by its own id where it has no name."""
    name = f"trim(regexp_replace(lower(strip_accents({side}_bank)), '[^a-z0-9]+', '-', 'g'), '-')"
    country = f"lower(coalesce({translated(f'{side}_iso', _COUNTRIES)}, ''))"
    return f"case when {name} <> '' and {country} <> '' then {name} || '-' || {country} else {side}_bank_id end"


def _day(column: str) -> str:
    return f"cast(cast(try_strptime({column}, '%b %-d, %Y') as date) as varchar)"


class FincenFiles:
    """Read the flows between banks (`download_transactions_map.csv`).

    A row adds up the payments of one bank to another over a range of dates; it becomes one payment booked on the first
    day, and its narrative tells how many there were and until when. The banks are the network here, so their ids stand
    as plain accounts and not as ``ext:`` nodes, which would put every one of them outside. Amounts in US dollar. The
    table of bank connections is recognised and holds no payments.

    The publisher numbers the sending and the receiving side apart, so that by its ids no money ever goes through a
    bank. Name and country are the id here: that joins branches of one name in one country, and keeps apart spellings
    that differ. A flow between two branches so joined keeps the publisher's ids, as it is a flow all the same.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        return max(found(sample, _FLOWS), found(sample, _CONNECTIONS))

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds."""
        return "payments" if found(sample, _FLOWS) else None

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        # Large sums are written as 1.2463995186E8; a decimal holds them exactly.
        exact = "try_cast(amount_transactions as decimal(38, 8))"
        count = "coalesce(nullif(number_transactions, ''), 'an unknown number of')"
        until = f"coalesce({_day('end_date')}, 'an unknown day')"
        payer, payee = _bank("originator"), _bank("beneficiary")
        joined = f"{payer} = {payee}"
        payments = {
            "payment_id": "'fincen-' || id",
            "payer": f"case when {joined} then originator_bank_id else {payer} end",
            "payee": f"case when {joined} then beneficiary_bank_id else {payee} end",
            "amount": f"coalesce(cast({exact} as varchar), amount_transactions)",
            "currency": "'USD'",
            "booked_on": f"coalesce({_day('begin_date')}, begin_date)",
            "channel": "'wire'",
            "payer_country": translated("originator_iso", _COUNTRIES),
            "payee_country": translated("beneficiary_iso", _COUNTRIES),
            "narrative": f"{count} || if({count} = '1', ' payment until ', ' payments until ') || {until}",
        }
        for chunk in text_rows(path):
            if set(_CONNECTIONS) <= set(chunk.rows.column_names):
                raise InputError(
                    "the table of bank connections holds no payments",
                    where=path.name,
                    try_="leave it out; download_transactions_map.csv is read",
                )
            for known in expecting(_FLOWS, iter([chunk]), path, "fincen-files"):
                yield translate(known, "payments", payments)
