//! A hypothesis that a case and a found record are the same person: its life cycle (domain.md 6.2) and the rule of two people.
//!
//! A score ranks work; it identifies nobody. What confirms is the agreement of two people of two institutions.

use super::ids::{AuthorityId, UserId};

crate::vocabulary! {
    /// State of a hypothesis (V-MATCH).
    HypothesisState {
        /// Put forward by the engine or a person.
        Proposed => "proposed",
        /// Set aside at first sight.
        TriageRejected => "triage_rejected",
        /// Somebody is looking.
        UnderReview => "under_review",
        /// Waiting for information.
        NeedsInformation => "needs_information",
        /// Rejected by review.
        Rejected => "rejected",
        /// A test, interview or partner's answer was asked for.
        VerificationRequested => "verification_requested",
        /// The verification supports it.
        VerifiedSupport => "verified_support",
        /// The verification excludes it.
        VerifiedExclusion => "verified_exclusion",
        /// The verification settled nothing.
        Inconclusive => "inconclusive",
        /// Waits for the second reviewer, of another institution.
        SecondReview => "second_review",
        /// Both verdicts are in and support it; the board decides.
        Board => "board",
        /// Confirmed.
        Confirmed => "confirmed",
        /// The verdicts disagree: back to the reviewers.
        Returned => "returned",
        /// Open again because its inputs changed.
        Reopened => "reopened",
        /// A better hypothesis took its place.
        Superseded => "superseded",
        /// A consent behind it was withdrawn.
        Withdrawn => "withdrawn",
    }
}

crate::vocabulary! {
    /// A named move of a hypothesis.
    HypothesisCommand {
        /// Set aside at first sight, with a reason.
        RejectAtTriage => "reject_at_triage",
        /// Begin to look.
        BeginReview => "begin_review",
        /// Ask for information.
        AskInformation => "ask_information",
        /// Reject, with a reason and its strength.
        Reject => "reject",
        /// Ask for a test, an interview or a partner's answer.
        RequestVerification => "request_verification",
        /// The verification supports it.
        RecordSupport => "record_support",
        /// The verification excludes it.
        RecordExclusion => "record_exclusion",
        /// The verification settled nothing.
        RecordInconclusive => "record_inconclusive",
        /// Hand to the second reviewer.
        SendToSecondReview => "send_to_second_review",
        /// Both verdicts support: to the board.
        SendToBoard => "send_to_board",
        /// The verdicts disagree.
        Return => "return",
        /// The board confirms.
        Confirm => "confirm",
        /// Open again.
        Reopen => "reopen",
        /// A better one took its place.
        Supersede => "supersede",
        /// A consent was withdrawn.
        Withdraw => "withdraw",
        /// Two institutions revoked the identification that rested on it: the only way back from confirmed.
        RevokeIdentification => "revoke_identification",
    }
}

crate::vocabulary! {
    /// A reviewer's verdict.
    Verdict {
        /// The evidence supports the hypothesis.
        Support => "support",
        /// More is needed to say.
        NeedsMore => "needs_more",
        /// The evidence speaks against it.
        Reject => "reject",
    }
}

crate::vocabulary! {
    /// What a verdict or exclusion rests on (V-REASON).
    Reason {
        /// DNA.
        Dna => "dna",
        /// Teeth.
        Dental => "dental",
        /// Fingerprints.
        Fingerprint => "fingerprint",
        /// Age.
        Age => "age",
        /// Sex.
        Sex => "sex",
        /// Stature.
        Stature => "stature",
        /// Dates that cannot both be.
        Chronology => "chronology",
        /// Marks on the body.
        Mark => "mark",
        /// The person was located elsewhere.
        LocatedElsewhere => "located_elsewhere",
        /// The family says so.
        Family => "family",
        /// Another reason, written out.
        Other => "other",
    }
}

crate::vocabulary! {
    /// How far an exclusion reaches: only an absolute one holds whatever changes.
    ExclusionStrength {
        /// For ever.
        Absolute => "absolute",
        /// Until the records change.
        Strong => "strong",
        /// Until the records change, weakly held.
        Provisional => "provisional",
    }
}

crate::vocabulary! {
    /// Strength of evidence in words. The top band is never reached by demographics alone.
    Band {
        /// Hardly anything speaks for it.
        VeryWeak => "very_weak",
        /// Little speaks for it.
        Weak => "weak",
        /// Worth a look.
        Moderate => "moderate",
        /// Much speaks for it.
        Strong => "strong",
        /// Very much speaks for it.
        VeryStrong => "very_strong",
    }
}

impl ExclusionStrength {
    /// The one of two that reaches less far.
    #[must_use]
    pub const fn weaker(self, other: Self) -> Self {
        match (self, other) {
            (Self::Provisional, _) | (_, Self::Provisional) => Self::Provisional,
            (Self::Strong, _) | (_, Self::Strong) => Self::Strong,
            (Self::Absolute, Self::Absolute) => Self::Absolute,
        }
    }
}

/// A command that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the hypothesis is \"{state}\"")]
pub struct IllegalHypothesisMove {
    /// Where the hypothesis is.
    pub state: HypothesisState,
    /// What was asked.
    pub command: HypothesisCommand,
    /// What would be possible.
    pub legal: Vec<HypothesisCommand>,
}

impl HypothesisState {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: HypothesisCommand) -> Option<Self> {
        use HypothesisCommand as C;
        use HypothesisState as S;
        Some(match (self, command) {
            (S::Proposed | S::Reopened, C::RejectAtTriage) => S::TriageRejected,
            (S::Proposed | S::Reopened | S::NeedsInformation | S::Returned, C::BeginReview) => S::UnderReview,
            (S::UnderReview | S::Inconclusive | S::Returned, C::AskInformation) => S::NeedsInformation,
            (S::UnderReview | S::SecondReview | S::Returned | S::Board, C::Reject) => S::Rejected,
            (S::UnderReview | S::Returned, C::RequestVerification) => S::VerificationRequested,
            (S::VerificationRequested, C::RecordSupport) => S::VerifiedSupport,
            (S::VerificationRequested, C::RecordExclusion) => S::VerifiedExclusion,
            (S::VerificationRequested, C::RecordInconclusive) => S::Inconclusive,
            (S::UnderReview | S::VerifiedSupport, C::SendToSecondReview) => S::SecondReview,
            (S::SecondReview, C::SendToBoard) => S::Board,
            (S::SecondReview | S::Board, C::Return) => S::Returned,
            (S::Board, C::Confirm) => S::Confirmed,
            (S::TriageRejected | S::Rejected | S::VerifiedExclusion | S::Superseded | S::Withdrawn, C::Reopen) => S::Reopened,
            (S::Confirmed, C::RevokeIdentification) => S::Reopened,
            (state, C::Supersede) if state.is_open() => S::Superseded,
            (state, C::Withdraw) if state.is_open() => S::Withdrawn,
            _ => return None,
        })
    }

    /// Whether the hypothesis still waits for an end. There is at most one open hypothesis per pair.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::TriageRejected | Self::Rejected | Self::VerifiedExclusion | Self::Confirmed | Self::Superseded | Self::Withdrawn)
    }

    /// Whether a verdict can be given in this state.
    #[must_use]
    pub const fn takes_verdicts(self) -> bool {
        matches!(
            self,
            Self::Proposed
                | Self::Reopened
                | Self::UnderReview
                | Self::NeedsInformation
                | Self::Returned
                | Self::VerifiedSupport
                | Self::SecondReview
        )
    }

    /// The commands a person can give here.
    #[must_use]
    pub fn legal(self) -> Vec<HypothesisCommand> {
        HypothesisCommand::ALL.iter().copied().filter(|c| self.after(*c).is_some() && self.by_hand(*c)).collect()
    }

    /// Whether a person may make a move that is legal here by hand. Some follow from verdicts, consents or the engine alone; and what two institutions
    /// have begun to judge is rejected or returned by their verdicts, not by one of them.
    #[must_use]
    pub const fn by_hand(self, command: HypothesisCommand) -> bool {
        use HypothesisCommand as C;
        match command {
            C::SendToSecondReview | C::SendToBoard | C::Supersede | C::Withdraw | C::RevokeIdentification => false,
            C::Reject => !matches!(self, Self::SecondReview | Self::Board),
            C::Return => !matches!(self, Self::SecondReview),
            _ => true,
        }
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalHypothesisMove`] with the legal commands.
    pub fn apply(self, command: HypothesisCommand) -> Result<Self, IllegalHypothesisMove> {
        self.after(command).ok_or_else(|| IllegalHypothesisMove { state: self, command, legal: self.legal() })
    }
}

/// A verdict already given in the present round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenVerdict {
    /// Who.
    pub reviewer: UserId,
    /// Of which institution.
    pub authority: AuthorityId,
    /// What.
    pub verdict: Verdict,
}

/// What the verdicts of a round add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundOutcome {
    /// One verdict, whatever it says: a second person of another institution is awaited. The state alone must not tell what the first said.
    AwaitSecond,
    /// Two people of two institutions support it.
    BothSupport,
    /// Two people of two institutions reject it.
    BothReject,
    /// Somebody needs more to say.
    NeedsMore,
    /// The two do not agree.
    Disagree,
}

/// Why a verdict cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerdictRefused {
    /// The same person twice.
    #[error("you have given your verdict in this round; a second person must give the other")]
    SamePerson,
    /// Two people of one institution.
    #[error("your institution has given its verdict in this round; the other must come from another institution")]
    SameInstitution,
}

/// The rule of two: adds a verdict to a round and says what follows.
///
/// # Errors
/// [`VerdictRefused`] when the same person or institution has spoken in this round.
pub fn add_verdict(given: &[GivenVerdict], new: GivenVerdict) -> Result<RoundOutcome, VerdictRefused> {
    if given.iter().any(|g| g.reviewer == new.reviewer) {
        return Err(VerdictRefused::SamePerson);
    }
    if given.iter().any(|g| g.authority == new.authority) {
        return Err(VerdictRefused::SameInstitution);
    }
    Ok(match (given.first().map(|g| g.verdict), new.verdict) {
        (None, _) => RoundOutcome::AwaitSecond,
        (_, Verdict::NeedsMore) | (Some(Verdict::NeedsMore), _) => RoundOutcome::NeedsMore,
        (Some(Verdict::Support), Verdict::Support) => RoundOutcome::BothSupport,
        (Some(Verdict::Reject), Verdict::Reject) => RoundOutcome::BothReject,
        (Some(Verdict::Support), Verdict::Reject) | (Some(Verdict::Reject), Verdict::Support) => RoundOutcome::Disagree,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn verdict(person: u128, institution: u128, verdict: Verdict) -> GivenVerdict {
        GivenVerdict { reviewer: UserId(Uuid::from_u128(person)), authority: AuthorityId(Uuid::from_u128(institution)), verdict }
    }

    #[test]
    fn confirmed_is_only_reached_from_the_board_and_the_board_only_from_second_review() {
        for state in HypothesisState::ALL {
            for command in HypothesisCommand::ALL {
                match state.after(*command) {
                    Some(HypothesisState::Confirmed) => assert_eq!(*state, HypothesisState::Board),
                    Some(HypothesisState::Board) => assert_eq!(*state, HypothesisState::SecondReview),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_was_confirmed_is_reopened_by_the_revocation_of_its_identification_alone_and_never_by_hand() {
        let ways: Vec<_> = HypothesisCommand::ALL.iter().filter(|c| HypothesisState::Confirmed.after(**c).is_some()).collect();
        assert_eq!(ways, [&HypothesisCommand::RevokeIdentification]);
        assert!(HypothesisState::Confirmed.legal().is_empty());
    }

    #[test]
    fn every_pair_of_state_and_command_is_decided_and_legal_agrees_with_apply() {
        for state in HypothesisState::ALL {
            for command in HypothesisCommand::ALL {
                assert_eq!(state.apply(*command).is_ok() && state.by_hand(*command), state.legal().contains(command));
            }
        }
    }

    #[test]
    fn one_person_cannot_give_both_verdicts_nor_can_one_institution() {
        let first = verdict(1, 1, Verdict::Support);
        assert_eq!(add_verdict(&[first], verdict(1, 2, Verdict::Support)), Err(VerdictRefused::SamePerson));
        assert_eq!(add_verdict(&[first], verdict(2, 1, Verdict::Support)), Err(VerdictRefused::SameInstitution));
        assert_eq!(add_verdict(&[first], verdict(2, 2, Verdict::Support)), Ok(RoundOutcome::BothSupport));
    }

    #[test]
    fn what_two_institutions_judge_is_not_rejected_or_returned_by_one_of_them() {
        use HypothesisCommand as C;
        for command in [C::Reject, C::Return] {
            assert!(!HypothesisState::SecondReview.by_hand(command), "{command}");
        }
        assert!(!HypothesisState::Board.by_hand(C::Reject));
        assert!(HypothesisState::Board.by_hand(C::Return) && HypothesisState::UnderReview.by_hand(C::Reject));
    }

    #[test]
    fn an_exclusion_of_two_is_as_weak_as_the_weaker_of_them() {
        use ExclusionStrength as E;
        assert_eq!(E::Absolute.weaker(E::Strong), E::Strong);
        assert_eq!(E::Provisional.weaker(E::Absolute), E::Provisional);
        assert_eq!(E::Absolute.weaker(E::Absolute), E::Absolute);
    }

    #[test]
    fn two_supports_are_needed_and_a_disagreement_goes_back() {
        for first in Verdict::ALL {
            assert_eq!(add_verdict(&[], verdict(1, 1, *first)), Ok(RoundOutcome::AwaitSecond), "{first}: the state must not tell");
        }
        let first = verdict(1, 1, Verdict::Support);
        assert_eq!(add_verdict(&[first], verdict(2, 2, Verdict::Reject)), Ok(RoundOutcome::Disagree));
        assert_eq!(add_verdict(&[first], verdict(2, 2, Verdict::NeedsMore)), Ok(RoundOutcome::NeedsMore));
    }
}
