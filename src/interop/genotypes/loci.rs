//! Loci that laboratories type: one name for each however files spell it, where it lies, which alleles are plausible, and which kits type it.
//!
//! Names are those of the NIST STR database (STRBase, <https://strbase.nist.gov>) and of the frequency tables that are shipped. Ranges span the kits' ladders and
//! what the shipped tables and STRBase know beyond them; they say what to look at twice, never what to refuse.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a locus lies and so how many alleles there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Two alleles of everybody.
    Autosomal,
    /// X: two of a woman, one of a man.
    X,
    /// Y: one of a man, none of a woman; some loci are there twice.
    Y,
    /// Tells the sex: Amelogenin (X and Y).
    Sex,
}

/// A locus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Locus {
    /// Its one name.
    pub name: &'static str,
    /// Where it lies.
    pub kind: Kind,
    /// Lowest and highest number of repeats that is plausible; `None` where there is no ladder to go by.
    pub range: Option<(f64, f64)>,
    /// Other names, folded.
    aliases: &'static [&'static str],
}

const fn locus(name: &'static str, kind: Kind, range: (f64, f64), aliases: &'static [&'static str]) -> Locus {
    Locus { name, kind, range: Some(range), aliases }
}

const fn unmeasured(name: &'static str, kind: Kind) -> Locus {
    Locus { name, kind, range: None, aliases: &[] }
}

/// The sex marker's name.
pub const AMELOGENIN: &str = "Amelogenin";

/// Every locus that is known by name.
pub const LOCI: &[Locus] = &[
    Locus { name: AMELOGENIN, kind: Kind::Sex, range: None, aliases: &["AMEL", "AMG", "AM"] },
    locus("CSF1PO", Kind::Autosomal, (5.0, 17.0), &["CSF", "CSF1P0", "HUMCSF1PO"]),
    locus("D1S1656", Kind::Autosomal, (7.0, 21.0), &[]),
    locus("D2S441", Kind::Autosomal, (7.0, 19.0), &[]),
    locus("D2S1338", Kind::Autosomal, (8.0, 32.0), &[]),
    locus("D3S1358", Kind::Autosomal, (8.0, 22.0), &[]),
    locus("D5S818", Kind::Autosomal, (6.0, 19.0), &[]),
    locus("D6S1043", Kind::Autosomal, (7.0, 27.0), &[]),
    locus("D7S820", Kind::Autosomal, (5.0, 17.0), &[]),
    locus("D8S1179", Kind::Autosomal, (6.0, 20.0), &[]),
    locus("D10S1248", Kind::Autosomal, (7.0, 20.0), &[]),
    locus("D12S391", Kind::Autosomal, (13.0, 29.0), &[]),
    locus("D13S317", Kind::Autosomal, (5.0, 18.0), &[]),
    locus("D16S539", Kind::Autosomal, (4.0, 17.0), &[]),
    locus("D18S51", Kind::Autosomal, (5.0, 41.0), &[]),
    locus("D19S433", Kind::Autosomal, (5.0, 20.0), &[]),
    locus("D21S11", Kind::Autosomal, (12.0, 44.0), &[]),
    locus("D22S1045", Kind::Autosomal, (7.0, 21.0), &[]),
    locus("F13A01", Kind::Autosomal, (3.0, 18.0), &["F13A1", "HUMF13A01"]),
    locus("F13B", Kind::Autosomal, (5.0, 13.0), &["HUMF13B"]),
    locus("FESFPS", Kind::Autosomal, (5.0, 16.0), &["HUMFESFPS"]),
    locus("FGA", Kind::Autosomal, (12.0, 52.0), &["FIBRA", "HUMFIBRA", "HUMFGA"]),
    locus("LPL", Kind::Autosomal, (6.0, 17.0), &["HUMLPL"]),
    locus("Penta C", Kind::Autosomal, (4.0, 18.0), &[]),
    locus("Penta D", Kind::Autosomal, (1.0, 20.0), &[]),
    locus("Penta E", Kind::Autosomal, (4.0, 33.0), &[]),
    locus("SE33", Kind::Autosomal, (3.0, 50.0), &["ACTBP2", "HUMACTBP2"]),
    locus("TH01", Kind::Autosomal, (3.0, 14.0), &["THO1", "HUMTH01", "HUMTHO1"]),
    locus("TPOX", Kind::Autosomal, (4.0, 22.0), &["TP0X", "HUMTPOX"]),
    locus("vWA", Kind::Autosomal, (10.0, 25.0), &["VWA31", "HUMVWA", "HUMVWA31", "HUMVWFA31"]),
    unmeasured("D2S1360", Kind::Autosomal),
    unmeasured("D3S1744", Kind::Autosomal),
    unmeasured("D3S3045", Kind::Autosomal),
    unmeasured("D4S2366", Kind::Autosomal),
    unmeasured("D4S2408", Kind::Autosomal),
    unmeasured("D5S2500", Kind::Autosomal),
    unmeasured("D5S2800", Kind::Autosomal),
    unmeasured("D6S474", Kind::Autosomal),
    unmeasured("D6S477", Kind::Autosomal),
    unmeasured("D7S1517", Kind::Autosomal),
    unmeasured("D7S3048", Kind::Autosomal),
    unmeasured("D8S1132", Kind::Autosomal),
    unmeasured("D9S1122", Kind::Autosomal),
    unmeasured("D10S1435", Kind::Autosomal),
    unmeasured("D10S2325", Kind::Autosomal),
    unmeasured("D11S2368", Kind::Autosomal),
    unmeasured("D13S325", Kind::Autosomal),
    unmeasured("D14S1434", Kind::Autosomal),
    unmeasured("D15S659", Kind::Autosomal),
    unmeasured("D17S1301", Kind::Autosomal),
    unmeasured("D18S1364", Kind::Autosomal),
    unmeasured("D19S253", Kind::Autosomal),
    unmeasured("D20S482", Kind::Autosomal),
    unmeasured("D21S2055", Kind::Autosomal),
    Locus { name: "D22GATA198B05", kind: Kind::Autosomal, range: None, aliases: &["GATA198B05"] },
    unmeasured("DXS7132", Kind::X),
    unmeasured("DXS7423", Kind::X),
    unmeasured("DXS8378", Kind::X),
    unmeasured("DXS10074", Kind::X),
    unmeasured("DXS10079", Kind::X),
    unmeasured("DXS10101", Kind::X),
    unmeasured("DXS10103", Kind::X),
    unmeasured("DXS10134", Kind::X),
    unmeasured("DXS10135", Kind::X),
    unmeasured("DXS10146", Kind::X),
    unmeasured("DXS10148", Kind::X),
    Locus { name: "HPRTB", kind: Kind::X, range: None, aliases: &["HPRT", "HUMHPRTB"] },
    Locus { name: "DYF387S1", kind: Kind::Y, range: None, aliases: &["DYF387S1AB", "DYF387S1A", "DYF387S1B"] },
    Locus { name: "DYS19", kind: Kind::Y, range: None, aliases: &["DYS394"] },
    Locus { name: "DYS385", kind: Kind::Y, range: None, aliases: &["DYS385AB", "DYS385A", "DYS385B"] },
    unmeasured("DYS389I", Kind::Y),
    unmeasured("DYS389II", Kind::Y),
    unmeasured("DYS390", Kind::Y),
    unmeasured("DYS391", Kind::Y),
    unmeasured("DYS392", Kind::Y),
    unmeasured("DYS393", Kind::Y),
    unmeasured("DYS437", Kind::Y),
    unmeasured("DYS438", Kind::Y),
    unmeasured("DYS439", Kind::Y),
    unmeasured("DYS448", Kind::Y),
    unmeasured("DYS449", Kind::Y),
    unmeasured("DYS456", Kind::Y),
    unmeasured("DYS458", Kind::Y),
    unmeasured("DYS460", Kind::Y),
    unmeasured("DYS481", Kind::Y),
    unmeasured("DYS518", Kind::Y),
    unmeasured("DYS533", Kind::Y),
    unmeasured("DYS549", Kind::Y),
    unmeasured("DYS570", Kind::Y),
    unmeasured("DYS576", Kind::Y),
    unmeasured("DYS627", Kind::Y),
    Locus { name: "DYS635", kind: Kind::Y, range: None, aliases: &["YGATAC4", "GATAC4"] },
    unmeasured("DYS643", Kind::Y),
    Locus { name: "Y-GATA-H4", kind: Kind::Y, range: None, aliases: &["GATAH4"] },
    unmeasured("Yindel", Kind::Y),
];

/// A set of loci that are typed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kit {
    /// Its name.
    pub name: &'static str,
    /// Names of its loci.
    pub loci: &'static [&'static str],
}

macro_rules! kits {
    ($($name:literal: $($locus:literal)*;)*) => { &[$(Kit { name: $name, loci: &[$($locus),*] },)*] };
}

/// Kits and panels, as their makers and the FBI publish them.
pub const KITS: &[Kit] = kits! {
    "CODIS 13": "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D3S1358" "D5S818" "D7S820" "D8S1179" "D13S317" "D16S539" "D18S51" "D21S11";
    "CODIS 20": "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D1S1656" "D2S441" "D2S1338" "D3S1358" "D5S818" "D7S820" "D8S1179" "D10S1248" "D12S391" "D13S317"
        "D16S539" "D18S51" "D19S433" "D21S11" "D22S1045";
    "Identifiler": "Amelogenin" "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D2S1338" "D3S1358" "D5S818" "D7S820" "D8S1179" "D13S317" "D16S539" "D18S51" "D19S433"
        "D21S11";
    "PowerPlex 16": "Amelogenin" "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D3S1358" "D5S818" "D7S820" "D8S1179" "D13S317" "D16S539" "D18S51" "D21S11" "Penta D"
        "Penta E";
    "GlobalFiler": "Amelogenin" "Yindel" "DYS391" "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D1S1656" "D2S441" "D2S1338" "D3S1358" "D5S818" "D7S820" "D8S1179"
        "D10S1248" "D12S391" "D13S317" "D16S539" "D18S51" "D19S433" "D21S11" "D22S1045" "SE33";
    "PowerPlex Fusion": "Amelogenin" "DYS391" "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D1S1656" "D2S441" "D2S1338" "D3S1358" "D5S818" "D7S820" "D8S1179"
        "D10S1248" "D12S391" "D13S317" "D16S539" "D18S51" "D19S433" "D21S11" "D22S1045" "Penta D" "Penta E";
    "PowerPlex Fusion 6C": "Amelogenin" "DYS391" "DYS570" "DYS576" "CSF1PO" "FGA" "TH01" "TPOX" "vWA" "D1S1656" "D2S441" "D2S1338" "D3S1358" "D5S818"
        "D7S820" "D8S1179" "D10S1248" "D12S391" "D13S317" "D16S539" "D18S51" "D19S433" "D21S11" "D22S1045" "Penta D" "Penta E" "SE33";
    "Yfiler": "DYS19" "DYS385" "DYS389I" "DYS389II" "DYS390" "DYS391" "DYS392" "DYS393" "DYS437" "DYS438" "DYS439" "DYS448" "DYS456" "DYS458" "DYS635"
        "Y-GATA-H4";
    "PowerPlex Y23": "DYS19" "DYS385" "DYS389I" "DYS389II" "DYS390" "DYS391" "DYS392" "DYS393" "DYS437" "DYS438" "DYS439" "DYS448" "DYS456" "DYS458" "DYS481"
        "DYS533" "DYS549" "DYS570" "DYS576" "DYS635" "DYS643" "Y-GATA-H4";
    "Yfiler Plus": "DYF387S1" "DYS19" "DYS385" "DYS389I" "DYS389II" "DYS390" "DYS391" "DYS392" "DYS393" "DYS437" "DYS438" "DYS439" "DYS448" "DYS449" "DYS456"
        "DYS458" "DYS460" "DYS481" "DYS518" "DYS533" "DYS570" "DYS576" "DYS627" "DYS635" "Y-GATA-H4";
};

/// A name by its letters and digits only, in capitals.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

static BY_NAME: LazyLock<HashMap<String, &'static Locus>> = LazyLock::new(|| {
    let names = |l: &'static Locus| std::iter::once(l.name).chain(l.aliases.iter().copied()).map(move |name| (fold(name), l));
    LOCI.iter().flat_map(names).collect()
});

/// The locus of a name in any spelling (`THO1`, `PENTA_D`, `DYS385 a/b`).
#[must_use]
pub fn find(name: &str) -> Option<&'static Locus> {
    BY_NAME.get(&fold(name)).copied()
}

/// The one name of a locus; one that is not known keeps its own, trimmed.
#[must_use]
pub fn normal_name(name: &str) -> &str {
    find(name).map_or_else(|| name.trim(), |locus| locus.name)
}

/// The kit or panel of a name in any spelling.
#[must_use]
pub fn kit(name: &str) -> Option<&'static Kit> {
    let wanted = fold(name);
    KITS.iter().find(|kit| fold(kit.name) == wanted)
}

/// An allele as it is written everywhere: trimmed, a point for a decimal comma, no `.0`, no zeros before, capitals for letters (`9,3` is `9.3`, `10.0` is `10`, `ol` is `OL`).
#[must_use]
pub fn allele(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let sign = text.find(|c| !matches!(c, '<' | '>')).unwrap_or(text.len());
    let (beyond, number) = text.split_at(sign);
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return if text.chars().any(char::is_lowercase) { text.to_uppercase().into() } else { text.into() };
    }
    let (start, end) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let start = if start.is_empty() { "0" } else { start };
    let plain = if end.is_empty() { format!("{beyond}{start}") } else { format!("{beyond}{start}.{end}") };
    if plain == text { text.into() } else { plain.into() }
}

/// Whether a cell says that nothing was read: blank, a dash, `0` or `NA`.
#[must_use]
pub fn is_no_call(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "" | "-" | "0") || text.eq_ignore_ascii_case("NA") || text.eq_ignore_ascii_case("N/A")
}

impl Locus {
    /// Whether an allele is plausible here: within the range, or `X` and `Y` of the sex marker. What is no number of repeats cannot be judged and passes.
    #[must_use]
    pub fn is_plausible(&self, allele: &str) -> bool {
        match (self.kind, self.range, allele.parse::<f64>()) {
            (Kind::Sex, ..) => matches!(allele, "X" | "Y"),
            (_, Some((low, high)), Ok(repeats)) => (low..=high).contains(&repeats),
            _ => true,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_spelling_leads_to_one_name() {
        for (spelling, name) in [
            ("THO1", "TH01"),
            ("th01 ", "TH01"),
            ("TP0X", "TPOX"),
            ("AMEL", "Amelogenin"),
            ("amelogenin", "Amelogenin"),
            ("DYS385 a/b", "DYS385"),
            ("DYS389 II", "DYS389II"),
            ("PENTA_D", "Penta D"),
            ("PentaE", "Penta E"),
            ("VWA", "vWA"),
            ("YGATAH4", "Y-GATA-H4"),
            ("Y indel", "Yindel"),
            ("FES/FPS", "FESFPS"),
        ] {
            assert_eq!(find(spelling).unwrap().name, name, "{spelling}");
            assert_eq!(normal_name(spelling), name);
        }
        assert_eq!(normal_name(" D99S1 "), "D99S1");
    }

    #[test]
    fn no_name_stands_for_two_loci_and_every_locus_of_a_kit_is_known_once() {
        let all: Vec<String> = LOCI.iter().flat_map(|l| std::iter::once(l.name).chain(l.aliases.iter().copied())).map(fold).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        for kit in KITS {
            let known: HashSet<&str> = kit.loci.iter().map(|name| find(name).unwrap().name).collect();
            assert_eq!(known.len(), kit.loci.len(), "{}", kit.name);
        }
        let sizes: Vec<usize> = KITS.iter().map(|kit| kit.loci.len()).collect();
        assert_eq!(sizes, [13, 20, 16, 16, 24, 24, 27, 16, 22, 25]);
        assert_eq!(kit("Power Plex 16").unwrap().name, "PowerPlex 16");
    }

    #[test]
    fn an_allele_has_one_label() {
        for (text, label) in [
            (" 9,3 ", "9.3"),
            ("10.0", "10"),
            ("09", "9"),
            ("9.30", "9.3"),
            ("ol", "OL"),
            ("x", "X"),
            (">30.0", ">30"),
            ("<8", "<8"),
            ("31.2", "31.2"),
            ("9.3'", "9.3'"),
        ] {
            assert_eq!(allele(text), label);
            assert_eq!(allele(label), label);
        }
    }

    #[test]
    fn alleles_far_from_every_ladder_are_not_plausible() {
        assert!(find("TH01").unwrap().is_plausible("9.3"));
        assert!(!find("TH01").unwrap().is_plausible("30"));
        assert!(!find("AMEL").unwrap().is_plausible("12"));
        assert!(find("DYS391").unwrap().is_plausible("10"));
    }
}
