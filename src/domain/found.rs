//! Found records: people found alive, hospitalised, detained, sheltered, and remains. The living have the same priority as the dead (OB-02).

crate::vocabulary! {
    /// What kind of record it is.
    FoundKind {
        /// A living person without a name we know, found on the street or presenting themselves.
        Living => "living",
        /// In a hospital.
        Hospital => "hospital",
        /// In detention.
        Detention => "detention",
        /// In a shelter.
        Shelter => "shelter",
        /// Remains with a name on or near them.
        RemainsNamed => "remains_named",
        /// Remains without a name.
        RemainsUnnamed => "remains_unnamed",
        /// Another country's missing-person case.
        ForeignCase => "foreign_case",
    }
}

impl FoundKind {
    /// Whether the record is of remains.
    #[must_use]
    pub const fn is_remains(self) -> bool {
        matches!(self, Self::RemainsNamed | Self::RemainsUnnamed)
    }

    /// The class within which two records can be duplicates.
    #[must_use]
    pub const fn class(self) -> RecordClass {
        match self {
            Self::RemainsNamed | Self::RemainsUnnamed => RecordClass::Remains,
            Self::ForeignCase => RecordClass::Report,
            Self::Living | Self::Hospital | Self::Detention | Self::Shelter => RecordClass::Living,
        }
    }
}

/// What a record tells of. Only two of one class can be duplicates: whether remains are a person who was registered alive, or whom a report seeks, is
/// an identification, which two people of two institutions decide on a hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordClass {
    /// Somebody is sought.
    Report,
    /// Remains.
    Remains,
    /// A person who was alive.
    Living,
}

crate::vocabulary! {
    /// State of remains when found (V-BODYSTATE).
    BodyState {
        /// Recent.
        Fresh => "fresh",
        /// Early decomposition.
        EarlyDecomposition => "early_decomp",
        /// Advanced decomposition.
        AdvancedDecomposition => "advanced_decomp",
        /// Mummified.
        Mummified => "mummified",
        /// Adipocere.
        Adipocere => "adipocere",
        /// Skeletal.
        Skeletal => "skeletal",
        /// Burned.
        Burned => "burned",
        /// Dismembered.
        Dismembered => "dismembered",
        /// Commingled with others.
        Commingled => "commingled",
    }
}

crate::vocabulary! {
    /// Whether a living person wants contact with whoever searches. An adult who is found alive decides.
    WantsContact {
        /// Yes.
        Yes => "yes",
        /// No.
        No => "no",
        /// Not decided.
        Undecided => "undecided",
        /// Nobody asked yet.
        NotAsked => "not_asked",
    }
}
