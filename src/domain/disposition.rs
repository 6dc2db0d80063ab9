//! Where remains are, and the named moves by which they go elsewhere. Nobody is buried or cremated without a sample, a marker of their own and a place that is
//! written down (OB-32): families have had to look for their dead twice.

use super::remains::{PostMortemOperation, RemainsKind};

crate::vocabulary! {
    /// Where remains are (V-DISPOSITION).
    Disposition {
        /// With the institution.
        InCustody => "in_custody",
        /// In a grave of their own.
        IndividualGrave => "individual_grave",
        /// In a grave with others, each with a marker.
        CommonGrave => "common_grave",
        /// In an ossuary.
        Ossuary => "ossuary",
        /// Cremated; the ashes are kept.
        Cremated => "cremated",
        /// Returned to the family.
        ReturnedToFamily => "returned_to_family",
        /// Sent home across a border.
        Repatriated => "repatriated",
        /// Nobody knows.
        UnknownLocation => "unknown_location",
    }
}

crate::vocabulary! {
    /// A named move of remains.
    DispositionCommand {
        /// Into a grave of their own.
        BuryIndividually => "bury_individually",
        /// Into a grave with others.
        BuryInCommonGrave => "bury_in_common_grave",
        /// Into an ossuary.
        PlaceInOssuary => "place_in_ossuary",
        /// Cremate.
        Cremate => "cremate",
        /// Out of the grave or ossuary, on an order.
        Exhume => "exhume",
        /// To the family.
        ReturnToFamily => "return_to_family",
        /// Home, across a border.
        Repatriate => "repatriate",
        /// They are not where they should be.
        ReportMissing => "report_missing",
        /// Into custody again: found, or given back.
        Recover => "recover",
    }
}

/// A move that the place of remains does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the remains are \"{state}\"")]
pub struct IllegalDisposition {
    /// Where they are.
    pub state: Disposition,
    /// What was asked.
    pub command: DispositionCommand,
    /// What would be possible.
    pub legal: Vec<DispositionCommand>,
}

impl Disposition {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: DispositionCommand) -> Option<Self> {
        use Disposition as D;
        use DispositionCommand as C;
        Some(match (self, command) {
            (D::InCustody, C::BuryIndividually) => D::IndividualGrave,
            (D::InCustody, C::BuryInCommonGrave) => D::CommonGrave,
            (D::InCustody, C::PlaceInOssuary) => D::Ossuary,
            (D::InCustody, C::Cremate) => D::Cremated,
            (D::InCustody | D::Cremated, C::ReturnToFamily) => D::ReturnedToFamily,
            (D::InCustody | D::Cremated, C::Repatriate) => D::Repatriated,
            (D::IndividualGrave | D::CommonGrave | D::Ossuary, C::Exhume)
            | (D::ReturnedToFamily | D::Repatriated | D::UnknownLocation, C::Recover) => D::InCustody,
            (D::InCustody | D::IndividualGrave | D::CommonGrave | D::Ossuary | D::Cremated, C::ReportMissing) => D::UnknownLocation,
            _ => return None,
        })
    }

    /// The commands that are possible here.
    #[must_use]
    pub fn legal(self) -> Vec<DispositionCommand> {
        DispositionCommand::ALL.iter().copied().filter(|c| self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalDisposition`] with the legal commands.
    pub fn apply(self, command: DispositionCommand) -> Result<Self, IllegalDisposition> {
        self.after(command).ok_or_else(|| IllegalDisposition { state: self, command, legal: self.legal() })
    }
}

impl DispositionCommand {
    /// Whether it lays remains down somewhere, which takes a place and a marker.
    #[must_use]
    pub const fn lays_down(self) -> bool {
        matches!(self, Self::BuryIndividually | Self::BuryInCommonGrave | Self::PlaceInOssuary | Self::Cremate)
    }

    /// Whether it gives them into the family's hands, here or at home.
    #[must_use]
    pub const fn gives_back(self) -> bool {
        matches!(self, Self::ReturnToFamily | Self::Repatriate)
    }

    /// Whether somebody must have ordered it.
    #[must_use]
    pub const fn needs_order(self) -> bool {
        self.gives_back() || matches!(self, Self::Cremate | Self::Exhume)
    }

    /// Whether it is said why.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Cremate | Self::Exhume | Self::ReportMissing | Self::Recover)
    }
}

crate::vocabulary! {
    /// What remains still lack before a move.
    Need {
        /// A sample, taken, or the reason why none can be.
        Sample => "sample",
        /// Operations that were neither done nor found impossible: nothing can be done after a cremation.
        Operations => "operations",
        /// They are of several people, who are sorted first.
        Sorting => "sorting",
        /// Nobody knows yet who it is: two people of two institutions decide.
        Identification => "identification",
        /// They are ashes already.
        NotAshes => "not_ashes",
    }
}

/// What is known of remains when a move is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// What they are.
    pub kind: RemainsKind,
    /// People they are of at least.
    pub individuals: usize,
    /// Whether a sample was taken, or recorded that none can be.
    pub sampled: bool,
    /// Operations that nobody decided on yet.
    pub undecided: Vec<PostMortemOperation>,
    /// Whether it is known who it is, by an identification that two people of two institutions signed, and a person has told the family.
    pub identified: bool,
}

impl Readiness {
    /// What is lacking before a command; empty when nothing is.
    #[must_use]
    pub fn needs(&self, command: DispositionCommand) -> Vec<Need> {
        use DispositionCommand as C;
        let several = self.individuals > 1;
        [
            (Need::Sample, command.lays_down() && !self.sampled),
            (Need::Operations, matches!(command, C::Cremate) && !self.undecided.is_empty()),
            (Need::Sorting, several && (matches!(command, C::BuryIndividually | C::Cremate) || command.gives_back())),
            (Need::Identification, command.gives_back() && !self.identified),
            (Need::NotAshes, matches!(command, C::Cremate) && matches!(self.kind, RemainsKind::Cremains)),
        ]
        .into_iter()
        .filter(|(_, lacking)| *lacking)
        .map(|(need, _)| need)
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Readiness {
        Readiness { kind: RemainsKind::CompleteBody, individuals: 1, sampled: true, undecided: Vec::new(), identified: true }
    }

    #[test]
    fn every_pair_of_place_and_command_is_decided_and_legal_agrees_with_apply() {
        for state in Disposition::ALL {
            for command in DispositionCommand::ALL {
                assert_eq!(state.apply(*command).is_ok(), state.legal().contains(command));
            }
        }
    }

    #[test]
    fn from_everywhere_but_ashes_there_is_a_way_back_into_custody() {
        for state in Disposition::ALL.iter().filter(|s| !matches!(s, Disposition::InCustody | Disposition::Cremated)) {
            assert!(state.legal().iter().any(|c| state.after(*c) == Some(Disposition::InCustody)), "{state}");
        }
        assert!(!Disposition::Cremated.legal().contains(&DispositionCommand::Exhume));
    }

    #[test]
    fn nobody_is_laid_down_without_a_sample() {
        let unsampled = Readiness { sampled: false, ..ready() };
        for command in DispositionCommand::ALL {
            assert_eq!(unsampled.needs(*command).contains(&Need::Sample), command.lays_down(), "{command}");
            assert!(ready().needs(*command).is_empty(), "{command}");
        }
    }

    #[test]
    fn nobody_is_cremated_while_anything_can_still_be_examined() {
        let open = Readiness { undecided: vec![PostMortemOperation::Odontology], ..ready() };
        assert_eq!(open.needs(DispositionCommand::Cremate), [Need::Operations]);
        assert!(open.needs(DispositionCommand::BuryIndividually).is_empty());
        let ashes = Readiness { kind: RemainsKind::Cremains, ..ready() };
        assert_eq!(ashes.needs(DispositionCommand::Cremate), [Need::NotAshes]);
    }

    #[test]
    fn nobody_is_given_back_unidentified_and_no_two_people_as_one() {
        let unknown = Readiness { identified: false, ..ready() };
        let two = Readiness { individuals: 2, ..ready() };
        for command in [DispositionCommand::ReturnToFamily, DispositionCommand::Repatriate] {
            assert_eq!(unknown.needs(command), [Need::Identification]);
            assert_eq!(two.needs(command), [Need::Sorting]);
        }
        assert!(two.needs(DispositionCommand::BuryInCommonGrave).is_empty());
    }
}
