//! Samples of a forensic bank: what they are of, and the moves of their life (domain.md 6.3).

crate::vocabulary! {
    /// Whom a sample is of.
    SampleSource {
        /// A relative of a missing person: needs the relative's consent.
        Relative => "relative",
        /// Something of the missing person's own: a toothbrush, a medical slide.
        DirectReference => "direct_reference",
        /// Remains.
        Remains => "remains",
        /// Staff of the bank or laboratory, so that contamination is noticed.
        Staff => "staff",
    }
}

crate::vocabulary! {
    /// What a donor is to the missing person.
    Kin {
        /// Mother.
        Mother => "mother",
        /// Father.
        Father => "father",
        /// Daughter or son.
        Child => "child",
        /// Sister or brother with the same parents.
        FullSibling => "full_sibling",
        /// Sister or brother with one parent in common.
        HalfSibling => "half_sibling",
        /// Grandmother or grandfather.
        Grandparent => "grandparent",
        /// Granddaughter or grandson.
        Grandchild => "grandchild",
        /// Aunt or uncle.
        UncleOrAunt => "uncle_or_aunt",
        /// Niece or nephew.
        NephewOrNiece => "nephew_or_niece",
        /// Cousin.
        Cousin => "cousin",
        /// Wife, husband or partner: with a child, part of a pedigree.
        Spouse => "spouse",
        /// Something else, drawn in the pedigree.
        Other => "other",
    }
}

crate::vocabulary! {
    /// What was taken (V-MATERIAL).
    Material {
        /// Blood, also on a card.
        Blood => "blood",
        /// Saliva or a swab of the cheek.
        Saliva => "saliva",
        /// Hair.
        Hair => "hair",
        /// Bone.
        Bone => "bone",
        /// Tooth.
        Tooth => "tooth",
        /// Muscle.
        Muscle => "muscle",
        /// Cartilage.
        Cartilage => "cartilage",
        /// Nail.
        Nail => "nail",
        /// A thing the missing person used.
        PersonalObject => "personal_object",
        /// What a hospital kept.
        MedicalSpecimen => "medical_specimen",
        /// Extracted DNA.
        Extract => "extract",
        /// Something else.
        Other => "other",
    }
}

crate::vocabulary! {
    /// State of a sample (V-SAMPLE).
    SampleState {
        /// To be taken.
        Planned => "planned",
        /// The donor has consented; not taken yet.
        Consented => "consented",
        /// Taken.
        Collected => "collected",
        /// Packed under a seal.
        Sealed => "sealed",
        /// Handed over; nobody has said yet that it came.
        InTransit => "in_transit",
        /// The receiver has it.
        Received => "received",
        /// Seal, label or condition were not as they should be.
        Discrepancy => "discrepancy",
        /// Sent back or set aside at reception.
        RejectedAtReception => "rejected_at_reception",
        /// In its place.
        Stored => "stored",
        /// Being extracted.
        Extraction => "extraction",
        /// Typed.
        Typed => "typed",
        /// Nothing could be read.
        Failed => "failed",
        /// Too little DNA.
        LowTemplate => "low_template",
        /// Of more than one person.
        Mixture => "mixture",
        /// Contaminated.
        Contaminated => "contaminated",
        /// Another sample should be taken.
        ResampleRecommended => "resample_recommended",
        /// Two readings agree.
        ProfileReviewed => "profile_reviewed",
        /// Its profile is in the bank.
        Banked => "banked",
        /// Used up.
        Exhausted => "exhausted",
        /// The consent behind it is gone.
        ConsentWithdrawn => "consent_withdrawn",
        /// Every search with it has ended, and whoever had a copy was told.
        SearchStopped => "search_stopped",
        /// Destroyed before a witness.
        Destroyed => "destroyed",
    }
}

crate::vocabulary! {
    /// A named move of a sample.
    SampleCommand {
        /// It was taken.
        Collect => "collect",
        /// Packed under a seal.
        Seal => "seal",
        /// Handed to somebody else.
        HandOver => "hand_over",
        /// The receiver has it, as it should be.
        Receive => "receive",
        /// The receiver has it, not as it should be.
        ReportDiscrepancy => "report_discrepancy",
        /// What was wrong is cleared up.
        ResolveDiscrepancy => "resolve_discrepancy",
        /// The receiver does not take it.
        RejectAtReception => "reject_at_reception",
        /// Put in its place.
        Store => "store",
        /// Opened for the laboratory.
        BeginExtraction => "begin_extraction",
        /// Typed.
        Type => "type",
        /// Nothing could be read.
        Fail => "fail",
        /// Too little DNA.
        FindLowTemplate => "find_low_template",
        /// More than one person.
        FindMixture => "find_mixture",
        /// Contaminated.
        FindContamination => "find_contamination",
        /// Another sample should be taken.
        RecommendResample => "recommend_resample",
        /// Two readings agree.
        ReviewProfile => "review_profile",
        /// Into the bank.
        Bank => "bank",
        /// Used up.
        Exhaust => "exhaust",
        /// The consent is gone.
        WithdrawConsent => "withdraw_consent",
        /// Every search with it has ended.
        StopSearch => "stop_search",
        /// Destroyed before a witness.
        Destroy => "destroy",
    }
}

/// A move that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the sample is \"{state}\"")]
pub struct IllegalSampleMove {
    /// Where the sample is.
    pub state: SampleState,
    /// What was asked.
    pub command: SampleCommand,
    /// What would be possible.
    pub legal: Vec<SampleCommand>,
}

impl SampleState {
    /// Where a command leads from here; `None` when it is not allowed. A consent can be withdrawn whatever was done with the sample, until it is destroyed.
    #[must_use]
    pub const fn after(self, command: SampleCommand) -> Option<Self> {
        use SampleCommand as C;
        use SampleState as S;
        Some(match (self, command) {
            (S::Planned | S::Consented, C::Collect) => S::Collected,
            (S::Collected | S::Received | S::Stored | S::Banked, C::Seal) => S::Sealed,
            (S::Sealed | S::RejectedAtReception, C::HandOver) => S::InTransit,
            (S::InTransit, C::Receive) | (S::Discrepancy, C::ResolveDiscrepancy) => S::Received,
            (S::InTransit, C::ReportDiscrepancy) => S::Discrepancy,
            (S::Discrepancy, C::RejectAtReception) => S::RejectedAtReception,
            (S::Collected | S::Received | S::Sealed | S::Typed | S::ProfileReviewed | S::Banked, C::Store) => S::Stored,
            (S::Collected | S::Received | S::Stored, C::BeginExtraction) => S::Extraction,
            (S::Collected | S::Received | S::Stored | S::Extraction, C::Type) => S::Typed,
            (S::Extraction | S::Typed, C::Fail) => S::Failed,
            (S::Extraction | S::Typed, C::FindLowTemplate) => S::LowTemplate,
            (S::Typed, C::FindMixture) => S::Mixture,
            (S::Extraction | S::Typed, C::FindContamination) => S::Contaminated,
            (S::Failed | S::LowTemplate | S::Mixture | S::Contaminated, C::RecommendResample) => S::ResampleRecommended,
            (S::Typed, C::ReviewProfile) => S::ProfileReviewed,
            (S::ProfileReviewed, C::Bank) => S::Banked,
            (S::Stored | S::Banked | S::Extraction, C::Exhaust) => S::Exhausted,
            (S::ConsentWithdrawn, C::StopSearch) => S::SearchStopped,
            (S::SearchStopped | S::Contaminated | S::RejectedAtReception, C::Destroy) => S::Destroyed,
            (S::Destroyed | S::ConsentWithdrawn | S::SearchStopped, C::WithdrawConsent) => return None,
            (_, C::WithdrawConsent) => S::ConsentWithdrawn,
            _ => return None,
        })
    }

    /// The commands that are possible here.
    #[must_use]
    pub fn legal(self) -> Vec<SampleCommand> {
        SampleCommand::ALL.iter().copied().filter(|c| self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalSampleMove`] with the legal commands.
    pub fn apply(self, command: SampleCommand) -> Result<Self, IllegalSampleMove> {
        self.after(command).ok_or_else(|| IllegalSampleMove { state: self, command, legal: self.legal() })
    }

    /// Whether its profile may be read, entered and searched: not after its consent is gone.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::ConsentWithdrawn | Self::SearchStopped | Self::Destroyed)
    }
}

/// An identifier as it is searched: capitals, letters and digits only, so that `ml-26/0041` finds `ML 26 0041`.
#[must_use]
pub fn identifier_norm(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_command_is_decided_and_legal_agrees_with_apply() {
        for state in SampleState::ALL {
            for command in SampleCommand::ALL {
                assert_eq!(state.apply(*command).is_ok(), state.legal().contains(command));
            }
        }
    }

    #[test]
    fn what_was_withdrawn_or_destroyed_never_comes_back_into_use() {
        let mut reached = vec![SampleState::ConsentWithdrawn];
        while let Some((state, next)) = reached.iter().find_map(|s| {
            let next = SampleCommand::ALL.iter().filter_map(|c| s.after(*c)).find(|n| !reached.contains(n))?;
            Some((*s, next))
        }) {
            assert!(!next.is_usable(), "{state} leads to {next}");
            reached.push(next);
        }
        assert_eq!(reached, [SampleState::ConsentWithdrawn, SampleState::SearchStopped, SampleState::Destroyed]);
    }

    #[test]
    fn an_identifier_is_found_however_it_is_punctuated() {
        assert_eq!(identifier_norm(" ml-26/0041 a "), "ML260041A");
    }
}
