//! Imports of files: what a file holds, how a run of it stands, and what became of its rows.

crate::vocabulary! {
    /// What a file holds.
    ImportKind {
        /// Missing persons' cases.
        Cases => "cases",
        /// Found records, living and deceased.
        Records => "records",
        /// Published incidents of the IOM Missing Migrants Project.
        Mmp => "mmp",
    }
}

impl ImportKind {
    /// The word of its rows in the registry.
    #[must_use]
    pub const fn subject_kind(self) -> &'static str {
        match self {
            Self::Cases => "case",
            Self::Records => "found_record",
            Self::Mmp => "incident",
        }
    }
}

crate::vocabulary! {
    /// How a run stands. Nothing is written to the registry before `running`.
    ImportState {
        /// Being read without writing.
        Checking => "checking",
        /// Read; waits for somebody to confirm it.
        Checked => "checked",
        /// Being written.
        Running => "running",
        /// Stopped by somebody; what was registered before stays.
        Cancelled => "cancelled",
        /// Done.
        Finished => "finished",
        /// The file could not be read (any further); what was registered before stays.
        Failed => "failed",
    }
}

impl ImportState {
    /// Whether work is going on.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Checking | Self::Running)
    }
}

/// What became of the rows read so far. Every row is counted once: `rows` is the sum of the other six.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Data rows read.
    pub rows: i64,
    /// Written (in a check: would be written) without remark.
    pub accepted: i64,
    /// Written (would be written) with at least one warning.
    pub warned: i64,
    /// Kept out, with at least one error.
    pub rejected: i64,
    /// Blank rows and exact repetitions within the file.
    pub skipped: i64,
    /// Held already under this external id, with the same content.
    pub unchanged: i64,
    /// Held already with other content: a difference to accept or refuse.
    pub differing: i64,
}

impl Counts {
    /// Whether every row is accounted for.
    #[must_use]
    pub const fn add_up(&self) -> bool {
        self.rows == self.accepted + self.warned + self.rejected + self.skipped + self.unchanged + self.differing
    }

    /// Rows that are new in the registry.
    #[must_use]
    pub const fn written(&self) -> i64 {
        self.accepted + self.warned
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.rows += more.rows;
        self.accepted += more.accepted;
        self.warned += more.warned;
        self.rejected += more.rejected;
        self.skipped += more.skipped;
        self.unchanged += more.unchanged;
        self.differing += more.differing;
    }
}
