//! GeneMapper's and GeneMarker's tables of genotypes: a row for each sample and marker, columns as the laboratory chose them, found by their headers.
//!
//! Needed: `Sample Name` (or `Sample`), `Marker` (`Locus`) and `Allele 1`; perhaps `Panel`, `Dye`, and `Allele n`, `Size n`, `Height n` of the same number. Other columns
//! (quality flags, `Sample File`, `Peak Area n`) are kept as extras of the reading. A blank allele is no call; a second one that is blank is a homozygote or a
//! drop-out, which is left open here ([`super::report::genotype`]). `OL` is kept.
//!
//! What it does not tell: sex, case, what the sample is, who read it and when.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::report::{Finding, FindingCode, Findings};
use super::rows::{self, Cells, RowsError, RowsWriteError};
use super::{Contents, ReadAllele, Reading, SampleGenotypes, loci};
use crate::interop::problem::shown;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Sample,
    Marker,
    Panel,
    Dye,
    Allele(u32),
    Size(u32),
    Height(u32),
    Extra(String),
}

/// Reads a table of genotypes.
///
/// # Errors
/// [`RowsError`] where it is no table or lacks a column that is needed. Rows that cannot be taken stay out and are among the findings.
pub fn read(bytes: &[u8]) -> Result<(Contents, Vec<Finding>), RowsError> {
    let (headers, lines, mut findings) = rows::read(bytes)?;
    let columns: Vec<Column> = classify(&headers);
    let position =
        |column: &Column, wanted| columns.iter().position(|c| c == column).ok_or_else(|| RowsError::Column { wanted, found: headers.clone() });
    let (name_at, marker_at) = (position(&Column::Sample, "the sample")?, position(&Column::Marker, "the marker")?);
    position(&Column::Allele(1), "the first allele")?;
    let mut samples: Vec<SampleGenotypes> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut seen: HashSet<(usize, String)> = HashSet::new();
    let peaks = peaks(&columns);
    for line in &lines {
        let (name, locus) = (line.get(name_at), loci::normal_name(line.get(marker_at)));
        if name.is_empty() || locus.is_empty() {
            findings.push(Finding::error(name, locus, FindingCode::BadRow, "the row has no sample or no marker; it stays out").at(line.line));
            continue;
        }
        let at = *numbers.entry(name.to_owned()).or_insert(samples.len());
        if at == samples.len() {
            samples.push(SampleGenotypes::new(name));
        }
        if !seen.insert((at, locus.to_owned())) {
            let message = "there is a row of this sample and marker before; this one stays out";
            findings.push(Finding::error(name, locus, FindingCode::Repeated, message).at(line.line));
            continue;
        }
        let reading = reading(name, locus, &columns, &peaks, line, &mut findings);
        samples[at].readings.push(reading);
    }
    Ok((Contents { samples, ..Contents::default() }, findings.into_vec()))
}

fn classify(headers: &[String]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
    for header in headers {
        let column = column(header);
        // The second of a kind has no place of its own.
        columns.push(if columns.contains(&column) { Column::Extra(header.clone()) } else { column });
    }
    columns
}

fn column(header: &str) -> Column {
    let folded: String = header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let numbered = |word: &str| folded.strip_prefix(word).and_then(|n| n.parse::<u32>().ok()).filter(|n| (1..=1_000).contains(n));
    match folded.as_str() {
        "samplename" | "sample" => Column::Sample,
        "marker" | "locus" => Column::Marker,
        "panel" => Column::Panel,
        "dye" => Column::Dye,
        _ => numbered("allele")
            .map(Column::Allele)
            .or_else(|| numbered("size").map(Column::Size))
            .or_else(|| numbered("height").map(Column::Height))
            .unwrap_or_else(|| Column::Extra(header.to_owned())),
    }
}

/// Columns of the allele, size and height of each peak, by its number.
fn peaks(columns: &[Column]) -> BTreeMap<u32, [Option<usize>; 3]> {
    let mut peaks: BTreeMap<u32, [Option<usize>; 3]> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        let (number, place) = match column {
            Column::Allele(n) => (*n, 0),
            Column::Size(n) => (*n, 1),
            Column::Height(n) => (*n, 2),
            _ => continue,
        };
        peaks.entry(number).or_default()[place] = Some(at);
    }
    peaks
}

fn reading(
    name: &str,
    locus: &str,
    columns: &[Column],
    peaks: &BTreeMap<u32, [Option<usize>; 3]>,
    line: &Cells,
    findings: &mut Findings,
) -> Reading {
    let mut reading = Reading { locus: locus.to_owned(), ..Reading::default() };
    let cell = |at: Option<usize>| at.map_or("", |at| line.get(at));
    let of = |wanted: &Column| Some(cell(columns.iter().position(|c| c == wanted))).filter(|text| !text.is_empty()).map(str::to_owned);
    reading.panel = of(&Column::Panel);
    reading.dye = of(&Column::Dye);
    for (place, [allele, size, height]) in peaks {
        let mut warn = |code, message: String| findings.push(Finding::warning(name, locus, code, message).at(line.line));
        let mut number = |at: Option<usize>, what: &str| {
            let parsed = cell(at).replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
            if parsed.is_none() && !cell(at).is_empty() {
                warn(FindingCode::BadValue, format!("{what} {place} is {:?}, no number; left out", shown(cell(at))));
            }
            parsed
        };
        let (size, height) = (number(*size, "size"), number(*height, "height"));
        if !loci::is_no_call(cell(*allele)) {
            reading.alleles.push(ReadAllele { size, height, ..ReadAllele::new(cell(*allele)) });
        } else if size.is_some() || height.is_some() {
            warn(FindingCode::PeakWithoutAllele, format!("peak {place} has no allele; left out"));
        }
    }
    for (at, column) in columns.iter().enumerate() {
        if let (Column::Extra(header), value) = (column, line.get(at))
            && !value.is_empty()
        {
            reading.extra.push((header.clone(), value.to_owned()));
        }
    }
    reading
}

/// Writes a table of genotypes, delimited by tabs.
///
/// # Errors
/// [`RowsWriteError`] naming the sample and locus or column of what would not come back, or would be a formula to a spreadsheet.
pub fn write(samples: &[SampleGenotypes]) -> Result<String, RowsWriteError> {
    rows::each_once(samples)?;
    let readings = || samples.iter().flat_map(|sample| &sample.readings);
    let most = readings().map(|reading| reading.alleles.len()).max().unwrap_or(0).max(2);
    let extras = rows::in_order(readings().flat_map(|reading| &reading.extra).map(|(header, _)| header.as_str()));
    let mut headers: Vec<String> = ["Sample Name", "Panel", "Marker", "Dye"].map(str::to_owned).to_vec();
    for word in ["Allele", "Size", "Height"] {
        headers.extend((1..=most).map(|n| format!("{word} {n}")));
    }
    for header in extras.iter().copied() {
        if column(rows::text("", "header", header)?) != Column::Extra(header.to_owned()) {
            return Err(RowsWriteError::Header(shown(header)));
        }
        headers.push(header.to_owned());
    }
    let mut lines = vec![headers];
    for sample in samples {
        for reading in &sample.readings {
            lines.push(line(&sample.name, reading, most, &extras)?);
        }
    }
    Ok(rows::write(b'\t', &lines))
}

fn line(name: &str, reading: &Reading, most: usize, extras: &[&str]) -> Result<Vec<String>, RowsWriteError> {
    let locus = rows::text(name, "Marker", &reading.locus)?;
    if loci::normal_name(locus) != locus {
        return Err(RowsWriteError::Header(shown(locus)));
    }
    let [panel, dye] = [("Panel", &reading.panel), ("Dye", &reading.dye)].map(|(column, text)| rows::optional(name, column, text.as_deref()));
    let mut cells = [rows::text(name, "Sample Name", name)?, panel?, locus, dye?].map(str::to_owned).to_vec();
    for at in 0..most {
        cells.push(reading.alleles.get(at).map_or(Ok(""), |allele| rows::label(name, locus, allele))?.to_owned());
    }
    let peaks: [fn(&ReadAllele) -> Option<f64>; 2] = [|allele| allele.size, |allele| allele.height];
    for of in peaks {
        cells.extend((0..most).map(|at| reading.alleles.get(at).and_then(of).map_or_else(String::new, |n| n.to_string())));
    }
    for header in extras {
        let value = reading.extra.iter().find(|(of, _)| of == header).map(|(_, value)| value.as_str());
        cells.push(rows::optional(name, header, value)?.to_owned());
    }
    Ok(cells)
}
