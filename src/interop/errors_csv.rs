//! The error file: what was wrong, one line per problem, safe to open in a spreadsheet.

use std::io::{self, Write};

use super::problem::Problem;
use crate::app::App;
use crate::db::imports::ProblemRow;
use crate::domain::actor::Actor;
use crate::services::{ServiceError, imports};
use uuid::Uuid;

/// Writes problems as CSV with the columns row, column, value, code, severity, reason; UTF-8 with a byte order mark, so that
/// spreadsheets show accents.
#[derive(Debug)]
pub struct ErrorFile<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> ErrorFile<W> {
    /// Starts the file with its header.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(mut writer: W) -> io::Result<Self> {
        writer.write_all("\u{FEFF}".as_bytes())?;
        let mut csv = csv::Writer::from_writer(writer);
        csv.write_record(["row", "column", "value", "code", "severity", "reason"])?;
        Ok(Self { csv })
    }

    /// Adds one problem.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&mut self, problem: &Problem) -> io::Result<()> {
        self.csv.write_record([
            problem.row.to_string().as_str(),
            &inert(&problem.column),
            &inert(&problem.value),
            problem.code.as_str(),
            problem.severity.as_str(),
            &inert(&problem.message),
        ])?;
        Ok(())
    }

    /// Adds one problem as a run keeps it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_row(&mut self, problem: &ProblemRow) -> io::Result<()> {
        self.csv.write_record([
            problem.row_no.to_string().as_str(),
            &inert(problem.column_name.as_deref().unwrap_or_default()),
            &inert(problem.value.as_deref().unwrap_or_default()),
            problem.code.as_str(),
            problem.severity.as_str(),
            &inert(&problem.reason),
        ])?;
        Ok(())
    }

    /// Flushes and gives the writer back.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// A text that no spreadsheet takes for a formula: one that starts (after blanks) with `=`, `+`, `-`, `@`, a tab or a line end
/// gets an apostrophe before it (OWASP, CSV injection).
pub fn inert(text: &str) -> String {
    let risky = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    if risky { format!("'{text}") } else { text.to_owned() }
}

/// Writes the error file of a run and gives the writer back.
///
/// # Errors
/// [`ServiceError::NotFound`] for a run of anybody else; [`ServiceError::Internal`] with what the writer says.
pub async fn of_run<W: Write>(app: &App, actor: &Actor, run: Uuid, writer: W) -> Result<W, ServiceError> {
    let internal = |e: io::Error| ServiceError::Internal(e.into());
    let mut file = ErrorFile::new(writer).map_err(internal)?;
    let mut after = 0;
    loop {
        let problems = imports::problems(app, actor, run, after, 5_000).await?;
        let Some(last) = problems.last() else { break };
        after = last.seq;
        for problem in &problems {
            file.write_row(problem).map_err(internal)?;
        }
    }
    file.finish().map_err(internal)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::interop::problem::{Code, Problems};

    #[test]
    fn a_formula_in_a_value_stays_text() {
        let mut problems = Problems::new(7);
        problems.error("edad", "=HYPERLINK(\"x\")", Code::NotANumber, "this is not an age");
        let mut file = ErrorFile::new(Vec::new()).unwrap();
        for problem in problems.into_vec() {
            file.write(&problem).unwrap();
        }
        let text = String::from_utf8(file.finish().unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{FEFF}row,column,value,code,severity,reason\n7,edad,\"'=HYPERLINK(\"\"x\"\")\",not_a_number,error,this is not an age\n"
        );
        assert_eq!(inert(" @x"), "' @x");
        assert_eq!(inert("Juan"), "Juan");
    }
}
