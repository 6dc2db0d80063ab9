//! Remains of a found record: a body, elements, a commingled set; and what is done with them before anything else is.

crate::vocabulary! {
    /// What remains are.
    RemainsKind {
        /// A whole body or skeleton.
        CompleteBody => "complete_body",
        /// A body or skeleton that lacks parts; also somebody sorted out of a set.
        IncompleteBody => "incomplete_body",
        /// One element by itself.
        IsolatedElement => "isolated_element",
        /// Elements that may be of several people.
        CommingledSet => "commingled_set",
        /// What a fire or cremation left.
        Cremains => "cremains",
    }
}

impl RemainsKind {
    /// Whether they are of one person, so that elements can be re-associated with them.
    #[must_use]
    pub const fn is_individual(self) -> bool {
        matches!(self, Self::CompleteBody | Self::IncompleteBody)
    }
}

crate::vocabulary! {
    /// Time since death when found (V-PMI), from the shortest to the longest.
    PostMortemInterval {
        /// Less than a day.
        UnderOneDay => "under_1_day",
        /// A day to a week.
        UnderOneWeek => "under_1_week",
        /// A week to a month.
        UnderOneMonth => "under_1_month",
        /// 1 to 3 months.
        OneToThreeMonths => "1_to_3_months",
        /// 3 to 6 months.
        ThreeToSixMonths => "3_to_6_months",
        /// 6 to 12 months.
        SixToTwelveMonths => "6_to_12_months",
        /// 1 to 2 years.
        OneToTwoYears => "1_to_2_years",
        /// 2 to 5 years.
        TwoToFiveYears => "2_to_5_years",
        /// 5 to 10 years.
        FiveToTenYears => "5_to_10_years",
        /// More than 10 years.
        OverTenYears => "over_10_years",
    }
}

crate::vocabulary! {
    /// What is done with remains so that they can be identified (Minnesota Protocol on the Investigation of Potentially Unlawful Death, 2016; checklists of Sahana).
    PostMortemOperation {
        /// Photographs.
        Photographs => "photographs",
        /// External examination.
        ExternalExamination => "external_examination",
        /// Fingerprints.
        Fingerprints => "fingerprints",
        /// Teeth charted.
        Odontology => "odontology",
        /// Radiographs.
        Radiographs => "radiographs",
        /// Autopsy.
        Autopsy => "autopsy",
        /// Anthropological examination.
        Anthropology => "anthropology",
        /// A sample for DNA.
        Sampling => "sampling",
        /// Belongings listed and kept.
        Belongings => "belongings",
    }
}

impl PostMortemOperation {
    /// Whether it can be asked of remains of this kind at all.
    #[must_use]
    pub const fn applies_to(self, kind: RemainsKind) -> bool {
        match kind {
            RemainsKind::CompleteBody | RemainsKind::IncompleteBody => true,
            RemainsKind::IsolatedElement => {
                matches!(self, Self::Photographs | Self::ExternalExamination | Self::Radiographs | Self::Anthropology | Self::Sampling)
            }
            RemainsKind::CommingledSet => !matches!(self, Self::Fingerprints | Self::Autopsy),
            RemainsKind::Cremains => {
                matches!(self, Self::Photographs | Self::ExternalExamination | Self::Anthropology | Self::Sampling | Self::Belongings)
            }
        }
    }

    /// Those that can be asked of remains of this kind, in the order they are done.
    pub fn of_kind(kind: RemainsKind) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |o| o.applies_to(kind))
    }
}

crate::vocabulary! {
    /// How an operation stands.
    OperationState {
        /// Not done yet.
        NotDone => "not_done",
        /// Done.
        Done => "done",
        /// It cannot be done, or was refused; the reason is recorded.
        NotPossible => "not_possible",
    }
}

crate::vocabulary! {
    /// What an image of remains is for.
    ImagePurpose {
        /// As they were found.
        Recovery => "recovery",
        /// Examination.
        Examination => "examination",
        /// Face, or what is left of it.
        Face => "face",
        /// Teeth.
        Dental => "dental",
        /// A mark, scar or tattoo.
        Mark => "mark",
        /// A bone.
        Element => "element",
        /// Radiograph.
        Radiograph => "radiograph",
        /// Clothing or a belonging.
        Belonging => "belonging",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_asked_of_remains_of_every_kind_and_no_fingerprint_of_bones_alone() {
        for kind in RemainsKind::ALL {
            assert!(PostMortemOperation::Sampling.applies_to(*kind), "{kind}");
            assert_eq!(PostMortemOperation::Fingerprints.applies_to(*kind), kind.is_individual(), "{kind}");
        }
    }
}
