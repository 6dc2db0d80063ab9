//! Telling a family (domain.md 6.4, OB-34): what is told, and the plan's life cycle. A death is told by a person, in person; nothing here writes to a family.

crate::vocabulary! {
    /// What is told.
    NotificationKind {
        /// The person was identified among the dead.
        IdentifiedDeceased => "identified_deceased",
        /// More remains of a person whose identification the family was told of.
        PartialRemains => "partial_remains",
        /// An identification was wrong.
        Misidentification => "misidentification",
        /// The person lives and wants the family to know.
        LocatedAlive => "located_alive",
        /// How the search goes.
        SearchStatus => "search_status",
        /// What was compared with what, and that nothing fits so far.
        NoMatchResult => "no_match_result",
    }
}

impl NotificationKind {
    /// Whether it may only be told in person, or remotely by the family's own recorded decision.
    #[must_use]
    pub const fn in_person(self) -> bool {
        matches!(self, Self::IdentifiedDeceased | Self::PartialRemains | Self::Misidentification)
    }

    /// Whether a person opens it; the others follow from an identification.
    #[must_use]
    pub const fn by_hand(self) -> bool {
        !self.in_person()
    }

    /// Whether its delivery is what the family's page calls having spoken with a person (phase 4).
    #[must_use]
    pub const fn is_a_conversation(self) -> bool {
        !matches!(self, Self::SearchStatus | Self::NoMatchResult)
    }
}

crate::vocabulary! {
    /// State of a notification (V-NOTIF).
    NotificationState {
        /// It has to be told; nobody has planned how.
        NeedIdentified => "need_identified",
        /// It is planned who tells it, where, in which language, with whom.
        Planned => "planned",
        /// The plan is authorised.
        Authorised => "authorised",
        /// Day and hour are agreed with the family.
        Scheduled => "scheduled",
        /// The family wants it later.
        FamilyPostponed => "family_postponed",
        /// It did not come about.
        FailedAttempt => "failed_attempt",
        /// A person has told the family.
        Delivered => "delivered",
        /// The family doubts it.
        Contested => "contested",
        /// Somebody independent looks at it.
        IndependentReview => "independent_review",
        /// The independent review upholds it.
        Reaffirmed => "reaffirmed",
        /// The family has taken it in.
        Acknowledged => "acknowledged",
        /// The family is accompanied.
        FollowUp => "follow_up",
        /// Nothing is left to do.
        Completed => "completed",
        /// It will not be told: what was to be told is not so.
        Cancelled => "cancelled",
    }
}

crate::vocabulary! {
    /// A named move of a notification.
    NotificationCommand {
        /// Write down how it is told.
        Plan => "plan",
        /// Authorise the plan.
        Authorise => "authorise",
        /// Agree on day and hour.
        Schedule => "schedule",
        /// The family wants it later.
        PostponeByFamily => "postpone_by_family",
        /// It did not come about.
        RecordFailedAttempt => "record_failed_attempt",
        /// A person has told the family.
        RecordDelivery => "record_delivery",
        /// The family doubts it.
        Contest => "contest",
        /// Ask somebody independent.
        BeginIndependentReview => "begin_independent_review",
        /// The independent review upholds it.
        Reaffirm => "reaffirm",
        /// The family has taken it in.
        Acknowledge => "acknowledge",
        /// A contact after it.
        RecordFollowUp => "record_follow_up",
        /// Nothing is left to do.
        Complete => "complete",
        /// It will not be told.
        Cancel => "cancel",
    }
}

crate::vocabulary! {
    /// How a family was told.
    DeliveryMode {
        /// In person.
        InPerson => "in_person",
        /// By telephone or picture, because the family decided so.
        Remote => "remote",
    }
}

/// A command that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the notification is \"{state}\"")]
pub struct IllegalNotificationMove {
    /// Where the notification is.
    pub state: NotificationState,
    /// What was asked.
    pub command: NotificationCommand,
    /// What would be possible.
    pub legal: Vec<NotificationCommand>,
}

impl NotificationCommand {
    /// Whether the move needs a reason.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::PostponeByFamily | Self::RecordFailedAttempt | Self::Contest | Self::BeginIndependentReview | Self::Reaffirm | Self::Cancel
        )
    }
}

impl NotificationState {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: NotificationCommand) -> Option<Self> {
        use NotificationCommand as C;
        use NotificationState as S;
        Some(match (self, command) {
            // A changed plan is authorised anew.
            (state, C::Plan) if state.is_pending() => S::Planned,
            (S::Planned, C::Authorise) => S::Authorised,
            (S::Authorised | S::Scheduled | S::FamilyPostponed | S::FailedAttempt, C::Schedule) => S::Scheduled,
            (S::Authorised | S::Scheduled | S::FailedAttempt, C::PostponeByFamily) => S::FamilyPostponed,
            (S::Scheduled, C::RecordFailedAttempt) => S::FailedAttempt,
            (S::Scheduled, C::RecordDelivery) => S::Delivered,
            (S::Delivered | S::Acknowledged | S::FollowUp, C::Contest) => S::Contested,
            (S::Contested, C::BeginIndependentReview) => S::IndependentReview,
            (S::IndependentReview, C::Reaffirm) => S::Reaffirmed,
            (S::Delivered | S::Reaffirmed, C::Acknowledge) => S::Acknowledged,
            (S::Delivered | S::Contested | S::Reaffirmed | S::Acknowledged | S::FollowUp, C::RecordFollowUp) => S::FollowUp,
            (S::Acknowledged | S::FollowUp, C::Complete) => S::Completed,
            (state, C::Cancel) if state.is_pending() => S::Cancelled,
            _ => return None,
        })
    }

    /// Whether the family has not been told yet and is to be.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::NeedIdentified | Self::Planned | Self::Authorised | Self::Scheduled | Self::FamilyPostponed | Self::FailedAttempt)
    }

    /// Whether the family was told.
    #[must_use]
    pub const fn is_told(self) -> bool {
        !self.is_pending() && !matches!(self, Self::Cancelled)
    }

    /// The commands possible here.
    #[must_use]
    pub fn legal(self) -> Vec<NotificationCommand> {
        NotificationCommand::ALL.iter().copied().filter(|c| self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalNotificationMove`] with the legal commands.
    pub fn apply(self, command: NotificationCommand) -> Result<Self, IllegalNotificationMove> {
        self.after(command).ok_or_else(|| IllegalNotificationMove { state: self, command, legal: self.legal() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nothing_is_told_that_was_not_planned_authorised_and_agreed_on() {
        use NotificationCommand as C;
        use NotificationState as S;
        for state in S::ALL {
            for command in C::ALL {
                match state.after(*command) {
                    Some(S::Delivered) => assert_eq!((*state, *command), (S::Scheduled, C::RecordDelivery)),
                    Some(S::Scheduled) => assert!(!matches!(state, S::NeedIdentified | S::Planned)),
                    Some(S::FamilyPostponed | S::FailedAttempt) => assert!(!matches!(state, S::NeedIdentified | S::Planned)),
                    Some(S::Authorised) => assert_eq!(*state, S::Planned),
                    _ => {}
                }
                if state.is_told() {
                    assert!(
                        !state.after(*command).is_some_and(|s| s.is_pending() || s == S::Cancelled),
                        "{state} {command}: what was told was told"
                    );
                }
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_legal_agrees_with_apply() {
        let mut reached = HashSet::from([NotificationState::NeedIdentified]);
        for _ in NotificationState::ALL {
            let next: Vec<_> = reached.iter().flat_map(|s| NotificationCommand::ALL.iter().filter_map(|c| s.after(*c))).collect();
            reached.extend(next);
        }
        assert_eq!(reached.len(), NotificationState::ALL.len());
        for state in NotificationState::ALL {
            for command in NotificationCommand::ALL {
                assert_eq!(state.apply(*command).is_ok(), state.legal().contains(command));
            }
        }
    }

    #[test]
    fn a_plan_that_is_changed_is_authorised_anew() {
        use NotificationCommand::Plan;
        for state in NotificationState::ALL.iter().filter(|s| s.is_pending()) {
            assert_eq!(state.after(Plan), Some(NotificationState::Planned));
        }
        assert_eq!(NotificationState::Delivered.after(Plan), None);
    }
}
