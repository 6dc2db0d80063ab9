//! Authorities, roles and rights. There is no kind, role or purpose for immigration enforcement, and none can be configured.

crate::vocabulary! {
    /// What an institution is (domain.md 4.8).
    AuthorityKind {
        /// National or state search commission.
        SearchCommission => "search_commission",
        /// Prosecutor's office.
        Prosecutor => "prosecutor",
        /// Forensic medical service.
        ForensicService => "forensic_service",
        /// Bank of remains, family samples and profiles.
        ForensicBank => "forensic_bank",
        /// Human-rights ombudsperson.
        Ombudsperson => "ombudsperson",
        /// Public defender's office.
        PublicDefender => "public_defender",
        /// Consulate.
        Consulate => "consulate",
        /// Shelter for migrants.
        MigrantShelter => "migrant_shelter",
        /// Hospital.
        Hospital => "hospital",
        /// Association of families.
        Association => "association",
        /// Laboratory.
        Laboratory => "laboratory",
        /// Red Cross or Red Crescent society.
        RedCross => "red_cross",
        /// Court.
        Court => "court",
    }
}

crate::vocabulary! {
    /// What data may be used for: a closed list (OB-20). `administration` and `family_information` never open another authority's records.
    Purpose {
        /// Searching for a missing person.
        Search => "search",
        /// Identifying the dead.
        Identification => "identification",
        /// Helping a national abroad.
        ConsularAssistance => "consular_assistance",
        /// Defending a person's rights.
        LegalDefence => "legal_defence",
        /// Informing the family.
        FamilyInformation => "family_information",
        /// Counting, without persons.
        Statistics => "statistics",
        /// Running the node: users, agreements, health.
        Administration => "administration",
    }
}

crate::vocabulary! {
    /// What a user does at their authority.
    Role {
        /// Registers and works cases.
        SearchOfficer => "search_officer",
        /// Reviews hypotheses.
        Reviewer => "reviewer",
        /// Registers found records and works at the bank.
        ForensicOfficer => "forensic_officer",
        /// Works with DNA profiles at a bank or laboratory.
        Geneticist => "geneticist",
        /// Works at a consulate.
        ConsularOfficer => "consular_officer",
        /// Works at a public defender's office.
        PublicDefender => "public_defender",
        /// Follows mandated cases for an association of families.
        AssociationMember => "association_member",
        /// Manages users and agreements of the authority.
        Administrator => "administrator",
    }
}

crate::vocabulary! {
    /// One thing a route or command lets somebody do. Roles are sets of rights.
    Right {
        /// See and search the authority's own cases.
        ReadCases => "read_cases",
        /// Register and change cases.
        WriteCases => "write_cases",
        /// See and search the authority's own found records.
        ReadFound => "read_found",
        /// Register and change found records.
        WriteFound => "write_found",
        /// See hypotheses.
        ReadHypotheses => "read_hypotheses",
        /// Give a verdict on a hypothesis.
        Review => "review",
        /// Draft, edit, sign and revoke identifications.
        Identify => "identify",
        /// Import files.
        Import => "import",
        /// Query other authorities for a related record, with a stated purpose.
        PartnerQuery => "partner_query",
        /// See mandated cases and ask questions about them.
        FollowMandates => "follow_mandates",
        /// See routes, places and published incidents.
        ReadRoutes => "read_routes",
        /// Read the authority's audit.
        ReadAudit => "read_audit",
        /// Manage users of the authority.
        ManageUsers => "manage_users",
        /// See donors, samples and their custody.
        ReadSamples => "read_samples",
        /// Register donors and samples, write custody.
        WriteSamples => "write_samples",
        /// See and enter DNA profiles and pedigrees, and what they weigh: nobody else sees a genotype.
        Genetics => "genetics",
    }
}

impl Role {
    /// The rights of this role.
    #[must_use]
    pub const fn rights(self) -> &'static [Right] {
        use Right::{
            FollowMandates, Genetics, Identify, Import, ManageUsers, PartnerQuery, ReadAudit, ReadCases, ReadFound, ReadHypotheses, ReadRoutes,
            ReadSamples, Review, WriteCases, WriteFound, WriteSamples,
        };
        match self {
            Self::SearchOfficer => &[ReadCases, WriteCases, ReadFound, ReadHypotheses, Import, ReadRoutes, PartnerQuery, ReadSamples],
            Self::Reviewer => &[ReadCases, ReadFound, ReadHypotheses, Review, Identify, ReadRoutes],
            Self::ForensicOfficer => &[ReadFound, WriteFound, ReadHypotheses, Identify, Import, ReadRoutes, ReadSamples, WriteSamples],
            Self::Geneticist => &[ReadFound, ReadHypotheses, ReadSamples, WriteSamples, Genetics],
            Self::ConsularOfficer | Self::PublicDefender => &[PartnerQuery, ReadRoutes],
            Self::AssociationMember => &[FollowMandates],
            Self::Administrator => &[ManageUsers, ReadAudit],
        }
    }

    /// The purpose a session of this role starts with.
    #[must_use]
    pub const fn default_purpose(self) -> Purpose {
        match self {
            Self::SearchOfficer | Self::Reviewer | Self::ForensicOfficer | Self::Geneticist => Purpose::Search,
            Self::ConsularOfficer => Purpose::ConsularAssistance,
            Self::PublicDefender => Purpose::LegalDefence,
            Self::AssociationMember => Purpose::FamilyInformation,
            Self::Administrator => Purpose::Administration,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_authorities_roles_or_purposes_names_immigration_enforcement() {
        let words = AuthorityKind::ALL
            .iter()
            .map(|k| k.as_str())
            .chain(Role::ALL.iter().map(|r| r.as_str()))
            .chain(Purpose::ALL.iter().map(|p| p.as_str()));
        for word in words {
            for forbidden in ["immigration", "border", "enforcement", "police", "deport"] {
                assert!(!word.contains(forbidden), "{word}");
            }
        }
    }
}
