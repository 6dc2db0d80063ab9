//! The ledger of a sample: numbered lines, each with the hash of the one before, so that a line that was changed, taken out, put in or moved shows.
//!
//! A hash chain alone does not show that its last lines are missing; every line's number and hash are therefore told to a witness too (the audit), and the
//! check asks for both.

use super::ids::{AuthorityId, CustodyEventId, SampleId, UserId};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

crate::vocabulary! {
    /// What happened to a sample.
    CustodyKind {
        /// Taken into the ledger.
        Registered => "registered",
        /// Packed under a seal.
        Sealed => "sealed",
        /// Handed over: open until the receiver has said that it came.
        HandedOver => "handed_over",
        /// It came: written by the receiver only.
        Received => "received",
        /// What was wrong on arrival is cleared up.
        DiscrepancyResolved => "discrepancy_resolved",
        /// Put in its place.
        Stored => "stored",
        /// Opened for work.
        Opened => "opened",
        /// Used up.
        Consumed => "consumed",
        /// Every search with it has ended, and whoever had a copy was told.
        SearchStopped => "search_stopped",
        /// Destroyed before a witness.
        Destroyed => "destroyed",
    }
}

crate::vocabulary! {
    /// How a sample was when it came.
    Condition {
        /// As it should be.
        Intact => "intact",
        /// The seal was open.
        Opened => "opened",
        /// Damaged.
        Damaged => "damaged",
        /// Wet.
        Wet => "wet",
        /// Warmer than it may be.
        Warm => "warm",
        /// The label says something else.
        WrongLabel => "wrong_label",
        /// Not there.
        Missing => "missing",
    }
}

/// A hash of the ledger: SHA-256.
pub type Hash = [u8; 32];

/// The hash before the first line.
pub const BEGINNING: Hash = [0; 32];

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the columns of the ledger, described in the migration")]
pub struct CustodyLine {
    pub id: CustodyEventId,
    pub authority: AuthorityId,
    pub user: UserId,
    pub sample: SampleId,
    pub seq: i32,
    pub kind: String,
    pub answers: Option<CustodyEventId>,
    pub to_authority: Option<AuthorityId>,
    pub to_name: Option<String>,
    pub seal: Option<String>,
    pub condition: Option<String>,
    pub location: Option<String>,
    pub temperature: Option<String>,
    pub discrepancy: Option<String>,
    pub reason: Option<String>,
    pub witness: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

impl CustodyLine {
    /// The hash of this line after the one before: SHA-256 over the hash before and every field, each with its length, so that no two ledgers write the same
    /// bytes. Instants count in whole microseconds, as the database keeps them.
    #[must_use]
    pub fn hash_after(&self, before: &Hash) -> Hash {
        let mut digest = Sha256::new();
        let mut field = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => {
                digest.update((bytes.len() as u64).to_be_bytes());
                digest.update(bytes);
            }
            None => digest.update(u64::MAX.to_be_bytes()),
        };
        field(Some(before));
        for id in [
            Some(self.id.0),
            Some(self.authority.0),
            Some(self.user.0),
            Some(self.sample.0),
            self.answers.map(|a| a.0),
            self.to_authority.map(|a| a.0),
        ] {
            field(id.as_ref().map(|id| id.as_bytes().as_slice()));
        }
        field(Some(&self.seq.to_be_bytes()));
        field(Some(self.kind.as_bytes()));
        for text in
            [&self.to_name, &self.seal, &self.condition, &self.location, &self.temperature, &self.discrepancy, &self.reason, &self.witness]
        {
            field(text.as_ref().map(|t| t.as_bytes()));
        }
        for instant in [self.due_at, Some(self.at)] {
            field(instant.map(|i| i.timestamp_micros().to_be_bytes()).as_ref().map(<[u8; 8]>::as_slice));
        }
        digest.finalize().into()
    }
}

/// A line as the ledger holds it, with its two hashes.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptLine {
    /// The line.
    pub line: CustodyLine,
    /// The hash of the one before, as it is kept.
    pub before: Vec<u8>,
    /// Its own.
    pub hash: Vec<u8>,
}

/// The first thing wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenLedger {
    /// A number is missing: a line was taken out.
    #[error("line {0} is missing")]
    Missing(i32),
    /// A line is not what it was when it was written, or was put in later.
    #[error("line {0} is not what was written")]
    Changed(i32),
    /// A line does not follow the one before: lines were moved, or one was put in between.
    #[error("line {0} does not follow the line before it")]
    OutOfOrder(i32),
    /// The witness was told of a line that is not there, or of another one.
    #[error("the audit was told of another line {0}")]
    NotAsWitnessed(i32),
    /// A line that the witness never heard of.
    #[error("the audit was never told of line {0}")]
    Unwitnessed(i32),
}

/// Checks a whole ledger, lines in the order of their numbers, against what the witness was told: number and hash of every line. Returns how many lines hold.
/// Cost: one SHA-256 a line.
///
/// # Errors
/// The first line that is broken.
pub fn check(lines: &[KeptLine], witnessed: &[(i32, Vec<u8>)]) -> Result<usize, BrokenLedger> {
    let mut before = BEGINNING;
    for (kept, wanted) in lines.iter().zip(1..) {
        let seq = kept.line.seq;
        if seq != wanted {
            return Err(if seq > wanted { BrokenLedger::Missing(wanted) } else { BrokenLedger::OutOfOrder(seq) });
        }
        let mut told = witnessed.iter().filter(|(n, _)| *n == seq).map(|(_, told)| told).peekable();
        if kept.before != before {
            return Err(BrokenLedger::OutOfOrder(seq));
        }
        let hash = kept.line.hash_after(&before);
        if kept.hash != hash {
            return Err(BrokenLedger::Changed(seq));
        }
        if told.peek().is_none() {
            return Err(BrokenLedger::Unwitnessed(seq));
        }
        // A witness added later does not outweigh the first.
        if told.any(|told| *told != hash) {
            return Err(BrokenLedger::NotAsWitnessed(seq));
        }
        before = hash;
    }
    let last = i32::try_from(lines.len()).unwrap_or(i32::MAX);
    match witnessed.iter().map(|(n, _)| *n).filter(|n| *n > last).min() {
        Some(missing) => Err(BrokenLedger::Missing(missing)),
        None => Ok(lines.len()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ledger(lines: i32) -> (Vec<KeptLine>, Vec<(i32, Vec<u8>)>) {
        let mut before = BEGINNING;
        let made: Vec<KeptLine> = (1..=lines)
            .map(|seq| {
                let line = CustodyLine {
                    id: CustodyEventId(Uuid::from_u128(seq.unsigned_abs().into())),
                    authority: AuthorityId(Uuid::from_u128(1)),
                    user: UserId(Uuid::from_u128(2)),
                    sample: SampleId(Uuid::from_u128(3)),
                    seq,
                    kind: "sealed".to_owned(),
                    answers: None,
                    to_authority: None,
                    to_name: None,
                    seal: Some(format!("S-{seq}")),
                    condition: None,
                    location: None,
                    temperature: None,
                    discrepancy: None,
                    reason: None,
                    witness: None,
                    due_at: None,
                    at: DateTime::from_timestamp(1_700_000_000 + i64::from(seq), 0).unwrap(),
                };
                let hash = line.hash_after(&before);
                let kept = KeptLine { line, before: before.to_vec(), hash: hash.to_vec() };
                before = hash;
                kept
            })
            .collect();
        let told = made.iter().map(|k| (k.line.seq, k.hash.clone())).collect();
        (made, told)
    }

    /// Gives every line from `from` on the hashes that would be right: what somebody would do who can write in the ledger.
    fn hashed_anew(lines: &mut [KeptLine], from: usize) {
        for at in from..lines.len() {
            let before: Hash = if at == 0 { BEGINNING } else { lines[at - 1].hash.clone().try_into().unwrap() };
            lines[at].before = before.to_vec();
            lines[at].hash = lines[at].line.hash_after(&before).to_vec();
        }
    }

    #[test]
    fn a_ledger_as_it_was_written_holds() {
        let (lines, told) = ledger(5);
        assert_eq!(check(&lines, &told), Ok(5));
    }

    #[test]
    fn a_changed_line_is_named_also_when_all_hashes_after_it_were_made_anew() {
        let (mut lines, told) = ledger(5);
        lines[2].line.seal = Some("S-9".to_owned());
        assert_eq!(check(&lines, &told), Err(BrokenLedger::Changed(3)));
        hashed_anew(&mut lines, 2);
        assert_eq!(check(&lines, &told), Err(BrokenLedger::NotAsWitnessed(3)));
        let second: Vec<(i32, Vec<u8>)> = lines.iter().map(|k| (k.line.seq, k.hash.clone())).chain(told).collect();
        assert_eq!(check(&lines, &second), Err(BrokenLedger::NotAsWitnessed(3)), "a second witness does not mend it");
    }

    #[test]
    fn a_line_taken_out_is_named_wherever_it_was() {
        for at in 0..5 {
            let (mut lines, told) = ledger(5);
            lines.remove(at);
            let missing = i32::try_from(at).unwrap() + 1;
            assert_eq!(check(&lines, &told), Err(BrokenLedger::Missing(missing)));
        }
    }

    #[test]
    fn a_line_put_in_is_named_with_and_without_new_numbers() {
        let (mut lines, told) = ledger(5);
        let mut twin = lines[3].clone();
        twin.line.seq = 6;
        twin.line.id = CustodyEventId(Uuid::from_u128(77));
        lines.push(twin);
        hashed_anew(&mut lines, 5);
        assert_eq!(check(&lines, &told), Err(BrokenLedger::Unwitnessed(6)));

        let (mut lines, told) = ledger(5);
        let between = lines[1].clone();
        lines.insert(2, between);
        for (line, seq) in lines.iter_mut().zip(1..) {
            line.line.seq = seq;
        }
        assert_eq!(check(&lines, &told), Err(BrokenLedger::OutOfOrder(3)));
    }

    #[test]
    fn lines_that_changed_places_are_named() {
        let (mut lines, told) = ledger(5);
        lines.swap(1, 3);
        for (line, seq) in lines.iter_mut().zip(1..) {
            line.line.seq = seq;
        }
        assert_eq!(check(&lines, &told), Err(BrokenLedger::OutOfOrder(2)));
    }
}
