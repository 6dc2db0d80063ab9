use super::super::frequencies::*;
use super::*;
use crate::genetics::frequency::FrequencyError;

const HEADER: &str = "population,locus,allele,frequency,n_alleles_sampled\n";

fn of(rows: &str) -> Result<FrequencyFile, FrequencyFileError> {
    super::super::frequencies::read(format!("{HEADER}{rows}").as_bytes(), "invented")
}

#[test]
fn a_shipped_table_is_written_and_read_as_the_same() {
    let (_, table) = crate::genetics::tables::shipped(crate::genetics::tables::DEFAULT).unwrap();
    let text = write(std::slice::from_ref(&table));
    let again = super::super::frequencies::read(text.as_bytes(), "").unwrap();
    assert_eq!((again.tables.as_slice(), again.findings.len()), (std::slice::from_ref(&table), 0));
    assert_eq!(write(&again.tables), text);
}

#[test]
fn loci_and_alleles_get_their_one_name_and_populations_their_own_table() {
    let file = of("A,THO1,6,0.5,100\nA,TH01,9.30,0.5,100\nB,VWA,15,1,80\n").unwrap();
    assert_eq!(file.tables.len(), 2);
    assert_eq!(file.tables[0].locus("TH01").unwrap().alleles(), [("6".to_owned(), 0.5), ("9.3".to_owned(), 0.5)]);
    assert_eq!(file.tables[1].locus("vWA").unwrap().sampled(), Some(80));
}

#[test]
fn frequencies_that_do_not_add_up_are_refused_by_locus_and_rounding_is_told() {
    let refused = of("A,TH01,6,0.5,100\nA,TH01,7,0.4,100\n").unwrap_err();
    assert!(matches!(&refused, FrequencyFileError::Frequency { source: FrequencyError::Sum(locus, _), .. } if locus == "TH01"), "{refused}");
    assert_eq!(refused.to_string(), "population A: locus TH01: frequencies add up to 0.900000, not to 1; at most 0.01 is put down to rounding");
    let rounded = of("A,TH01,6,0.5,100\nA,TH01,7,0.495,100\n").unwrap();
    assert_eq!(found(&rounded.findings, FindingCode::Renormalised), [pair("", "TH01")]);
}

#[test]
fn what_is_no_frequency_no_number_sampled_or_there_twice_is_refused() {
    for wrong in ["-0.5", "NaN", "inf", "1e999", "x", ""] {
        assert!(of(&format!("A,TH01,6,{wrong},100\nA,TH01,7,0.5,100\n")).is_err(), "{wrong}");
    }
    for wrong in ["", "0", "-3", "many"] {
        assert!(matches!(of(&format!("A,TH01,6,1,{wrong}\n")), Err(FrequencyFileError::Value { line: 2, column: "n_alleles_sampled", .. })));
    }
    let twice = of("A,TH01,6,0.5,100\nA,TH01,6.0,0.5,100\n").unwrap_err();
    assert!(matches!(twice, FrequencyFileError::Frequency { source: FrequencyError::Twice(..), .. }));
    let sampled = of("A,TH01,6,0.5,100\nA,TH01,7,0.5,90\n").unwrap_err();
    assert!(matches!(sampled, FrequencyFileError::Sampled { line: 3, .. }));
    assert!(matches!(of("A,TH01,6,1\n"), Err(FrequencyFileError::Row { line: 2, .. })));
    assert!(matches!(of("A,TH01,6,1,100"), Err(FrequencyFileError::Row { .. })), "half a table is none");
}

#[test]
fn a_table_without_a_source_is_refused() {
    let text = format!("{HEADER}A,TH01,6,1,100\n");
    assert!(matches!(super::super::frequencies::read(text.as_bytes(), ""), Err(FrequencyFileError::Citation(population)) if population == "A"));
    assert!(matches!(
        super::super::frequencies::read(b"locus,allele\nTH01,6\n", "x"),
        Err(FrequencyFileError::Column { wanted: "population", .. })
    ));
}
