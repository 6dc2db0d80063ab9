//! The identification of remains (dictamen): its life cycle (domain.md 6.2), what it may rest on (OB-30) and the rule of two people of two institutions
//! (OB-31), for signing and for revoking alike.
//!
//! It is drafted on a hypothesis that two institutions have confirmed. What it says is sealed when the second signs; afterwards it is only kept or revoked.

use super::ids::{AuthorityId, UserId};
use super::violations::Violations;

crate::vocabulary! {
    /// State of an identification.
    IdentificationState {
        /// Being written.
        Draft => "draft",
        /// Written; it waits for its first signature. What it rests on is held fast.
        InReview => "in_review",
        /// One institution has signed; it waits for the other.
        Signed => "signed",
        /// Two people of two institutions have signed: the report is sealed.
        Issued => "issued",
        /// One institution holds it to be wrong; it waits for the other's word.
        RevocationProposed => "revocation_proposed",
        /// Two institutions hold it to be wrong.
        Revoked => "revoked",
    }
}

crate::vocabulary! {
    /// A named move of an identification.
    IdentificationCommand {
        /// Change what it says, compare an alternative, attach the genetic opinion.
        Edit => "edit",
        /// Hand in for signing: holds fast what it rests on.
        Submit => "submit",
        /// Sign. The second signature issues it.
        Sign => "sign",
        /// Back to the draft, with a reason; the signatures of the round fall.
        ReturnToDraft => "return_to_draft",
        /// Seal its report again: in another language, or with a better drawing. Nothing that it says changes.
        Reissue => "reissue",
        /// Say that it is wrong, with a reason.
        ProposeRevocation => "propose_revocation",
        /// It stands, with a reason.
        Keep => "keep",
        /// Confirm that it is wrong: by another person of the other institution.
        Revoke => "revoke",
    }
}

crate::vocabulary! {
    /// What an identification rests on. Primary identifiers after INTERPOL's guide to disaster victim identification (part B, annexure 12); the others only
    /// support, or are reasons of a reasoned combination.
    Method {
        /// DNA.
        Dna => "dna",
        /// Teeth.
        Dental => "dental",
        /// Fingerprints.
        Fingerprint => "fingerprint",
        /// The serial number of an implant.
        ImplantSerial => "implant_serial",
        /// Several findings that no one of them would carry alone; why they do together is written down.
        ReasonedCombination => "reasoned_combination",
        /// Biological profile, trauma, stature and other findings on bones.
        Anthropology => "anthropology",
        /// Old fractures, operations, diseases that a record tells of.
        MedicalRecord => "medical_record",
        /// Tattoos, scars and other marks.
        BodyMarks => "body_marks",
        /// Place, time and course of the events.
        Circumstances => "circumstances",
        /// What was found with the remains.
        PersonalEffects => "personal_effects",
        /// Somebody recognised the remains by sight.
        VisualRecognition => "visual_recognition",
    }
}

impl Method {
    /// Whether it identifies by itself.
    #[must_use]
    pub const fn is_primary(self) -> bool {
        matches!(self, Self::Dna | Self::Dental | Self::Fingerprint | Self::ImplantSerial)
    }

    /// Whether it may be a reason of a reasoned combination that counts: sight and effects only accompany others (OB-30).
    #[must_use]
    pub const fn carries(self) -> bool {
        !matches!(self, Self::ReasonedCombination | Self::PersonalEffects | Self::VisualRecognition)
    }
}

crate::vocabulary! {
    /// The language of a sealed report.
    ReportLanguage {
        /// Spanish.
        Es => "es",
        /// English.
        En => "en",
    }
}

crate::vocabulary! {
    /// What a verification says of a sealed report.
    Standing {
        /// It stands.
        Valid => "valid",
        /// Two institutions took it back.
        Revoked => "revoked",
        /// What there is to say a person says first: ask one of the institutions.
        Consult => "consult",
        /// A later version in the same language took its place.
        Replaced => "replaced",
    }
}

/// A command that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{command}\" is not possible while the identification is \"{state}\"")]
pub struct IllegalIdentificationMove {
    /// Where the identification is.
    pub state: IdentificationState,
    /// What was asked.
    pub command: IdentificationCommand,
    /// What would be possible.
    pub legal: Vec<IdentificationCommand>,
}

impl IdentificationCommand {
    /// Whether the move needs a reason: every one that undoes, doubts or settles a doubt.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::ReturnToDraft | Self::ProposeRevocation | Self::Keep | Self::Revoke)
    }
}

impl IdentificationState {
    /// Where a command leads from here; `None` when it is not allowed.
    #[must_use]
    pub const fn after(self, command: IdentificationCommand) -> Option<Self> {
        use IdentificationCommand as C;
        use IdentificationState as S;
        Some(match (self, command) {
            (S::Draft, C::Edit) => S::Draft,
            (S::Draft, C::Submit) => S::InReview,
            (S::InReview, C::Sign) => S::Signed,
            (S::Signed, C::Sign) | (S::Issued, C::Reissue) | (S::RevocationProposed, C::Keep) => S::Issued,
            (S::InReview | S::Signed, C::ReturnToDraft) => S::Draft,
            (S::Issued, C::ProposeRevocation) => S::RevocationProposed,
            (S::RevocationProposed, C::Revoke) => S::Revoked,
            _ => return None,
        })
    }

    /// The commands possible here.
    #[must_use]
    pub fn legal(self) -> Vec<IdentificationCommand> {
        IdentificationCommand::ALL.iter().copied().filter(|c| self.after(*c).is_some()).collect()
    }

    /// Applies a command.
    ///
    /// # Errors
    /// [`IllegalIdentificationMove`] with the legal commands.
    pub fn apply(self, command: IdentificationCommand) -> Result<Self, IllegalIdentificationMove> {
        self.after(command).ok_or_else(|| IllegalIdentificationMove { state: self, command, legal: self.legal() })
    }

    /// Whether its report is sealed and not taken back: what a case, a notification and a restitution may rest on.
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Issued | Self::RevocationProposed)
    }
}

/// One of the people who decide, with the institution in whose name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signatory {
    /// The person.
    pub user: UserId,
    /// The institution.
    pub authority: AuthorityId,
}

/// Why somebody's word does not count as the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// The same person twice.
    #[error("you have given your word already; a second person must give the other")]
    SamePerson,
    /// Two people of one institution.
    #[error("your institution has given its word already; the other must come from the other institution")]
    SameInstitution,
}

/// The rule of two: whether somebody may give their word after those who gave theirs. Says whether it is the one that decides.
///
/// # Errors
/// [`SignatureRefused`] when the same person or institution has spoken.
pub fn add_signature(given: &[Signatory], new: Signatory) -> Result<bool, SignatureRefused> {
    if given.iter().any(|g| g.user == new.user) {
        return Err(SignatureRefused::SamePerson);
    }
    if given.iter().any(|g| g.authority == new.authority) {
        return Err(SignatureRefused::SameInstitution);
    }
    Ok(!given.is_empty())
}

/// Fewest characters of a written reasoning, a comparison or a conclusion: a word is no reason.
pub const FEWEST: usize = 20;

/// What an identification may rest on (OB-30): a primary identifier, or a reasoned combination whose reasons are written down and of which at least one is
/// neither recognition by sight nor effects. `/methods` and `/reasoning` are where faults are noted.
pub fn check_methods(methods: &[Method], reasoning: &str, faults: &mut Violations) {
    if methods.is_empty() {
        faults.add("/methods", "empty", "say on what the identification rests");
        return;
    }
    if methods.iter().any(|m| m.is_primary()) {
        return;
    }
    if !methods.contains(&Method::ReasonedCombination) {
        let alone = methods.iter().all(|m| matches!(m, Method::VisualRecognition | Method::PersonalEffects));
        if alone {
            faults.add(
                "/methods",
                "sight_or_effects_alone",
                "nobody is identified by sight or by effects alone; name a primary identifier or a reasoned combination",
            );
        } else {
            faults.add("/methods", "not_primary", "name dna, dental, fingerprint or implant_serial, or a reasoned_combination with its reasons");
        }
        return;
    }
    let reasons = methods.iter().filter(|m| **m != Method::ReasonedCombination).count();
    if reasons < 2 || !methods.iter().any(|m| m.carries()) {
        faults.add("/methods", "too_little", "a reasoned combination names at least two other methods, one of them neither sight nor effects");
    }
    if reasoning.trim().chars().count() < FEWEST {
        faults.add("/reasoning", "empty", "a reasoned combination is reasoned in writing: why do its findings identify together?");
    }
}

/// Markers that may exclude by a mutation or a fault of reading.
const MAY_MUTATE: i16 = 2;
/// log10 of what each of them takes.
const EACH_EXCLUDING: f64 = 3.0;

/// log10 of what DNA says in all: nothing for it where more markers exclude than mutation explains, or where sex, Y or mtDNA do.
#[must_use]
pub fn genetic_weight(log10_lr: f64, excluding: i16, conflicts: i16) -> f64 {
    if excluding > MAY_MUTATE || conflicts > 0 { f64::NEG_INFINITY } else { log10_lr - EACH_EXCLUDING * f64::from(excluding) }
}

/// Whether DNA carries an identification. Alone it does not while its log10 LR is below the threshold and another hypothesis on one of the sides is plausible, nor
/// in any case where it does not speak for it.
#[must_use]
pub fn genetics_suffice(methods: &[Method], log10_lr: f64, threshold: f64, plausible_alternative: bool) -> bool {
    let alone =
        methods.contains(&Method::Dna) && !methods.iter().any(|m| (m.is_primary() && *m != Method::Dna) || *m == Method::ReasonedCombination);
    !alone || (log10_lr > 0.0 && (log10_lr >= threshold || !plausible_alternative))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method as M;
    use uuid::Uuid;

    fn faults(methods: &[Method], reasoning: &str) -> Vec<(String, &'static str)> {
        let mut faults = Violations::default();
        check_methods(methods, reasoning, &mut faults);
        faults.0.into_iter().map(|f| (f.pointer, f.code)).collect()
    }

    fn who(user: u128, authority: u128) -> Signatory {
        Signatory { user: UserId(Uuid::from_u128(user)), authority: AuthorityId(Uuid::from_u128(authority)) }
    }

    #[test]
    fn it_is_issued_by_a_signature_after_a_signature_or_stays_so_and_revoked_only_after_a_proposal() {
        use IdentificationCommand as C;
        use IdentificationState as S;
        for state in S::ALL {
            for command in C::ALL {
                match state.after(*command) {
                    Some(S::Issued) => {
                        assert!(matches!((state, command), (S::Signed, C::Sign) | (S::Issued, C::Reissue) | (S::RevocationProposed, C::Keep)));
                    }
                    Some(S::Revoked) => assert_eq!((*state, *command), (S::RevocationProposed, C::Revoke)),
                    Some(S::Draft) => assert!(!state.stands(), "what was issued is never written anew"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn every_pair_of_state_and_command_is_decided_and_only_a_revoked_one_is_at_its_end() {
        for state in IdentificationState::ALL {
            for command in IdentificationCommand::ALL {
                assert_eq!(state.apply(*command).is_ok(), state.legal().contains(command));
            }
            assert_eq!(state.legal().is_empty(), *state == IdentificationState::Revoked);
        }
    }

    #[test]
    fn one_person_cannot_sign_twice_nor_can_one_institution() {
        assert_eq!(add_signature(&[], who(1, 1)), Ok(false));
        assert_eq!(add_signature(&[who(1, 1)], who(1, 2)), Err(SignatureRefused::SamePerson));
        assert_eq!(add_signature(&[who(1, 1)], who(2, 1)), Err(SignatureRefused::SameInstitution));
        assert_eq!(add_signature(&[who(1, 1)], who(2, 2)), Ok(true));
    }

    #[test]
    fn nobody_is_identified_by_sight_or_effects_alone() {
        let at = |code| vec![("/methods".to_owned(), code)];
        assert_eq!(faults(&[M::VisualRecognition], ""), at("sight_or_effects_alone"));
        assert_eq!(faults(&[M::VisualRecognition, M::PersonalEffects], "they had seen the shirt before"), at("sight_or_effects_alone"));
        assert_eq!(faults(&[M::BodyMarks], ""), at("not_primary"));
        assert_eq!(faults(&[M::ReasonedCombination, M::VisualRecognition, M::PersonalEffects], "a long enough reasoning"), at("too_little"));
        assert_eq!(faults(&[], ""), at("empty"));
        for primary in M::ALL.iter().filter(|m| m.is_primary()) {
            assert!(faults(&[*primary, M::VisualRecognition], "").is_empty());
        }
    }

    #[test]
    fn a_combination_is_reasoned_in_writing() {
        let methods = [M::ReasonedCombination, M::BodyMarks, M::PersonalEffects];
        assert_eq!(faults(&methods, "yes"), vec![("/reasoning".to_owned(), "empty")]);
        assert!(faults(&methods, "the tattoo and the ring are both rare and both agree").is_empty());
        assert_eq!(faults(&[M::ReasonedCombination, M::BodyMarks], "the tattoo is rare and it agrees")[0].1, "too_little");
    }

    #[test]
    fn weak_dna_alone_identifies_nobody_while_an_alternative_is_plausible() {
        assert!(!genetics_suffice(&[M::Dna, M::PersonalEffects], 3.9, 4.0, true));
        assert!(genetics_suffice(&[M::Dna], 4.0, 4.0, true));
        assert!(!genetics_suffice(&[M::Dna], genetic_weight(9.0, 3, 0), 4.0, false), "three markers that exclude are no mutation");
        assert!(!genetics_suffice(&[M::Dna], genetic_weight(9.0, 0, 1), 4.0, false), "another male line is another person");
        assert!(genetics_suffice(&[M::Dna], genetic_weight(9.0, 1, 0), 4.0, true));
        assert!(genetics_suffice(&[M::Dna], 2.0, 4.0, false));
        assert!(!genetics_suffice(&[M::Dna], -0.3, 4.0, false), "DNA that speaks against it identifies nobody");
        assert!(genetics_suffice(&[M::Dna, M::Dental], 2.0, 4.0, true));
        assert!(genetics_suffice(&[M::Dna, M::ReasonedCombination, M::BodyMarks], 2.0, 4.0, true));
    }
}
