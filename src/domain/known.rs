//! The four kinds of "no value". To the matcher they are all the same: absent, counting neither way.

crate::vocabulary! {
    /// Why a field has no value (domain.md section 4, conventions).
    Absent {
        /// Asked, and not known.
        Unknown => "unknown",
        /// Nobody asked.
        NotAsked => "not_asked",
        /// The question does not apply to this person.
        NotApplicable => "not_applicable",
        /// Asked, and the person preferred not to say.
        Refused => "refused",
    }
}
