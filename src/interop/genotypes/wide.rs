//! Wide tables: a row for each sample, two columns for each locus, as most laboratories keep them and Familias imports them.
//!
//! Columns: `Sample` (or `Sample Name`, `Name`, `ID`), perhaps `Sex` (`Gender`), `Case` (`Family`), `Category` (`Relation`), `Kit` and `Comment`; then `TH01_1`, `TH01_2`
//! (also `TH01 1`, `TH01-1`, `TH01.1`, `TH01 Allele 1`, one name over two columns or a blank header beside it; a third column where there are three alleles). A
//! column of a known locus alone holds one allele, or two with `/` between. Other columns are kept as extras. Encoding, delimiter and compression are found out.
//!
//! What it does not tell: that a locus was tried and not read (a blank is not typed), who read it and when, sizes and heights.

use super::report::{Finding, FindingCode, Findings};
use super::rows::{self, Cells, RowsError, RowsWriteError};
use super::{Contents, ReadAllele, Reading, SampleGenotypes, loci};
use crate::genetics::pedigree::GeneticSex;
use crate::interop::problem::shown;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Sample,
    Sex,
    Case,
    Category,
    Kit,
    Comment,
    Locus(String),
    Extra(String),
}

/// Reads a wide table.
///
/// # Errors
/// [`RowsError`] where it is no table or has no column for samples. Rows that cannot be taken stay out and are among the findings.
pub fn read(bytes: &[u8]) -> Result<(Contents, Vec<Finding>), RowsError> {
    let (headers, lines, mut findings) = rows::read(bytes)?;
    let columns = classify(&headers);
    if !columns.contains(&Column::Sample) {
        return Err(RowsError::Column { wanted: "the sample", found: headers });
    }
    let unknown = |header: &str| Finding::warning("", header, FindingCode::UnknownColumn, "not a locus and not known; kept as it is").at(1);
    findings.extend(columns.iter().filter_map(|column| if let Column::Extra(header) = column { Some(unknown(header)) } else { None }));
    let sexes = Sexes::new(&columns, &lines);
    let mut samples: Vec<SampleGenotypes> = Vec::with_capacity(lines.len());
    let mut seen = std::collections::HashSet::new();
    for line in &lines {
        let sample = sample(&columns, line, &sexes, &mut findings);
        let refuse = |code, message: &str| Finding::error(&sample.name, "", code, message).at(line.line);
        if sample.name.is_empty() {
            findings.push(refuse(FindingCode::BadRow, "the row has no sample; it stays out"));
        } else if !seen.insert(sample.name.clone()) {
            findings.push(refuse(FindingCode::Repeated, "there is a row of this sample before; this one stays out"));
        } else {
            samples.push(sample);
        }
    }
    Ok((Contents { samples, ..Contents::default() }, findings.into_vec()))
}

/// What each header is.
fn classify(headers: &[String]) -> Vec<Column> {
    let folded = |header: &str| header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
    for (at, header) in headers.iter().enumerate() {
        let fixed = match folded(header).as_str() {
            "sample" | "samplename" | "sampleid" | "name" | "id" | "muestra" => Some(Column::Sample),
            "sex" | "gender" | "sexo" => Some(Column::Sex),
            "case" | "caseid" | "family" | "caso" | "familia" => Some(Column::Case),
            "category" | "relation" | "specimencategory" => Some(Column::Category),
            "kit" => Some(Column::Kit),
            "comment" | "comments" => Some(Column::Comment),
            _ => None,
        };
        let twice = |other: Option<&String>| other.is_some_and(|other| !other.is_empty() && other == header);
        let paired = twice(headers.get(at + 1)) || twice(at.checked_sub(1).and_then(|before| headers.get(before)));
        let blank_beside = headers.get(at + 1).is_some_and(String::is_empty);
        columns.push(match (fixed, columns.last()) {
            (Some(fixed), _) if !columns.contains(&fixed) => fixed,
            (None, Some(Column::Locus(before))) if header.is_empty() => Column::Locus(before.clone()),
            _ => locus_of(header, paired || blank_beside).map_or_else(|| Column::Extra(header.clone()), Column::Locus),
        });
    }
    columns
}

/// The locus of a header; where it has no number and is not known, it is one only beside its like.
fn locus_of(header: &str, paired: bool) -> Option<String> {
    let base = without_number(header);
    if let Some(known) = base.and_then(loci::find).or_else(|| loci::find(header)) {
        return Some(known.name.to_owned());
    }
    base.or_else(|| paired.then_some(header)).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// `TH01_1`, `TH01 Allele 2` without what stands for the number of the allele.
fn without_number(header: &str) -> Option<&str> {
    let base = header.strip_suffix(['1', '2', '3', '4'])?;
    let bare = base.trim_end_matches([' ', '_', '-', '.']);
    let word = bare.len().checked_sub(6).and_then(|at| Some((bare.get(..at)?, bare.get(at..)?)));
    if let Some((before, _)) = word.filter(|(_, word)| word.eq_ignore_ascii_case("allele")) {
        let name = before.trim_end_matches([' ', '_', '-', '.']);
        return (name.len() < before.len()).then_some(name);
    }
    (bare.len() < base.len()).then_some(bare)
}

/// How the file's column of sexes is to be read: `M` is a man beside `F`, a woman beside `H`.
struct Sexes {
    m: GeneticSex,
    ambiguous: bool,
}

impl Sexes {
    fn new(columns: &[Column], lines: &[Cells]) -> Self {
        let column = columns.iter().position(|column| *column == Column::Sex);
        let has = |letter: &str| column.is_some_and(|at| lines.iter().any(|line| line.get(at).eq_ignore_ascii_case(letter)));
        let (f, h) = (has("f"), has("h"));
        let m = if h && !f { GeneticSex::Female } else { GeneticSex::Male };
        Self { m, ambiguous: f == h }
    }

    /// The sex of a word, and whether it is a guess; `None` for a word that is not known.
    fn read(&self, word: &str) -> Option<(Option<GeneticSex>, bool)> {
        match word.to_lowercase().as_str() {
            "" | "u" | "0" | "-" | "?" | "unknown" | "na" => Some((None, false)),
            "f" | "female" | "2" | "mujer" | "femenino" | "woman" => Some((Some(GeneticSex::Female), false)),
            "h" | "male" | "1" | "hombre" | "masculino" | "man" => Some((Some(GeneticSex::Male), false)),
            "m" => Some((Some(self.m), self.ambiguous)),
            _ => None,
        }
    }
}

fn sample(columns: &[Column], line: &Cells, sexes: &Sexes, findings: &mut Findings) -> SampleGenotypes {
    let mut sample = SampleGenotypes::default();
    let name_at = columns.iter().position(|column| *column == Column::Sample).unwrap_or_default();
    sample.name = line.get(name_at).to_owned();
    for (at, column) in columns.iter().enumerate() {
        let cell = line.get(at);
        let some = || (!cell.is_empty()).then(|| cell.to_owned());
        match column {
            Column::Sample => {}
            Column::Sex => sample.sex = sex(&sample.name, cell, line.line, sexes, findings),
            Column::Case => sample.case = some(),
            Column::Category => sample.category = some(),
            Column::Kit => sample.kit = some(),
            Column::Comment => sample.comment = some(),
            Column::Locus(locus) => take(&mut sample, locus, cell),
            Column::Extra(header) => sample.extra.extend(some().map(|value| (header.clone(), value))),
        }
    }
    sample
}

fn sex(sample: &str, cell: &str, line: u64, sexes: &Sexes, findings: &mut Findings) -> Option<GeneticSex> {
    let (sex, guess) = sexes.read(cell).unwrap_or_else(|| {
        let message = format!("{:?} is no sex; read as not told", shown(cell));
        findings.push(Finding::warning(sample, "Sex", FindingCode::BadValue, message).at(line));
        (None, false)
    });
    if guess {
        let message = "M is read as male; the column does not tell whether it means male or mujer";
        findings.push(Finding::warning(sample, "Sex", FindingCode::AmbiguousSex, message).at(line));
    }
    sex
}

fn take(sample: &mut SampleGenotypes, locus: &str, cell: &str) {
    let labels = cell.split('/').filter(|part| !loci::is_no_call(part)).map(ReadAllele::new);
    let labels: Vec<ReadAllele> = if cell.eq_ignore_ascii_case("n/a") { Vec::new() } else { labels.collect() };
    if labels.is_empty() {
        return;
    }
    match sample.readings.iter_mut().find(|reading| reading.locus == locus) {
        Some(reading) => reading.alleles.extend(labels),
        None => sample.readings.push(Reading { locus: locus.to_owned(), alleles: labels, ..Reading::default() }),
    }
}

/// Writes a wide table, CSV, loci in the order they come first.
///
/// # Errors
/// [`RowsWriteError`] naming the sample and column of what would not come back, or would be a formula to a spreadsheet.
pub fn write(samples: &[SampleGenotypes]) -> Result<String, RowsWriteError> {
    rows::each_once(samples)?;
    let loci = rows::loci_of(samples);
    let extras = rows::in_order(samples.iter().flat_map(|sample| &sample.extra).map(|(header, _)| header.as_str()));
    let columns = columns(samples, &loci, &extras);
    let headers = headers(samples, &columns)?;
    let mut lines = vec![headers];
    for sample in samples {
        lines.push(line(sample, &columns)?);
    }
    Ok(rows::write(b',', &lines))
}

/// Columns to be written, one for each allele.
fn columns(samples: &[SampleGenotypes], loci: &[&str], extras: &[&str]) -> Vec<Column> {
    let any = |of: fn(&SampleGenotypes) -> bool, column: Column| samples.iter().any(of).then_some(column);
    let mut columns = vec![Column::Sample, Column::Sex];
    columns.extend(any(|s| s.case.is_some(), Column::Case));
    columns.extend(any(|s| s.category.is_some(), Column::Category));
    columns.extend(any(|s| s.kit.is_some(), Column::Kit));
    columns.extend(any(|s| s.comment.is_some(), Column::Comment));
    for locus in loci {
        let most = samples.iter().filter_map(|s| s.reading(locus)).map(|reading| reading.alleles.len()).max().unwrap_or(0);
        columns.extend(std::iter::repeat_n(Column::Locus((*locus).to_owned()), most.max(2)));
    }
    columns.extend(extras.iter().map(|header| Column::Extra((*header).to_owned())));
    columns
}

/// Their headers, which have to be read as the same columns.
fn headers(samples: &[SampleGenotypes], columns: &[Column]) -> Result<Vec<String>, RowsWriteError> {
    let mut of_locus = 0;
    let header = |(at, column): (usize, &Column)| match column {
        Column::Sample => "Sample".to_owned(),
        Column::Sex => "Sex".to_owned(),
        Column::Case => "Case".to_owned(),
        Column::Category => "Category".to_owned(),
        Column::Kit => "Kit".to_owned(),
        Column::Comment => "Comment".to_owned(),
        Column::Extra(header) => header.clone(),
        Column::Locus(locus) => {
            of_locus = if at > 0 && columns[at - 1] == *column { of_locus + 1 } else { 1 };
            format!("{locus}_{of_locus}")
        }
    };
    let headers: Vec<String> = columns.iter().enumerate().map(header).collect();
    for header in &headers {
        rows::text(samples.first().map_or("", |s| &s.name), "header", header)?;
    }
    let again = classify(&headers);
    match columns.iter().zip(&again).zip(&headers).find(|((wanted, read), _)| wanted != read) {
        Some((_, header)) => Err(RowsWriteError::Header(shown(header))),
        None => Ok(headers),
    }
}

fn line(sample: &SampleGenotypes, columns: &[Column]) -> Result<Vec<String>, RowsWriteError> {
    let name = &sample.name;
    let mut cells = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let cell = match column {
            Column::Sample => rows::text(name, "Sample", name)?,
            Column::Sex => match sample.sex {
                None => "",
                Some(GeneticSex::Female) => "Female",
                Some(GeneticSex::Male) => "Male",
            },
            Column::Case => rows::optional(name, "Case", sample.case.as_deref())?,
            Column::Category => rows::optional(name, "Category", sample.category.as_deref())?,
            Column::Kit => rows::optional(name, "Kit", sample.kit.as_deref())?,
            Column::Comment => rows::optional(name, "Comment", sample.comment.as_deref())?,
            Column::Extra(header) => {
                let value = sample.extra.iter().find(|(of, _)| of == header).map(|(_, value)| value.as_str());
                rows::optional(name, header, value)?
            }
            Column::Locus(locus) => {
                let before = columns[..at].iter().rev().take_while(|other| *other == column).count();
                match sample.reading(locus).and_then(|reading| reading.alleles.get(before)) {
                    Some(allele) => rows::label(name, locus, allele)?,
                    None => "",
                }
            }
        };
        cells.push(cell.to_owned());
    }
    Ok(cells)
}
