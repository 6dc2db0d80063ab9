//! One id type per kind of thing, so that two kinds cannot be mixed up. UUID version 7 inside (RFC 9562); people see folios.

use uuid::Uuid;

/// Makes ids. Injected, so that tests are repeatable.
pub trait IdSource: Send + Sync {
    /// A new UUIDv7.
    fn next(&self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id from the injected source.
            #[must_use]
            pub fn new(ids: &dyn IdSource) -> Self { Self(ids.next()) }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::schema::SchemaFormat::KnownFormat(utoipa::openapi::schema::KnownFormat::Uuid)))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid { id.0 }
        }
    )+};
}

ids! {
    /// An authority (institution).
    AuthorityId,
    /// A person who works at an authority.
    UserId,
    /// A described individual.
    PersonId,
    /// A missing person's case.
    CaseId,
    /// A found record: living, hospitalised, detained or deceased.
    FoundId,
    /// A hypothesis that a case and a found record are the same person.
    HypothesisId,
    /// A possible duplicate: two records of one kind that may be of one person.
    DuplicateId,
    /// One verdict on a hypothesis.
    ReviewId,
    /// An identification of remains.
    IdentificationId,
    /// Something a family has to be told.
    NotificationId,
    /// The giving back of what is a family's.
    RestitutionId,
    /// An agreement between authorities.
    AgreementId,
    /// A consent.
    ConsentId,
    /// An import of a file.
    ImportId,
    /// A published incident.
    IncidentId,
    /// A relative who gives a sample.
    DonorId,
    /// A sample of a forensic bank.
    SampleId,
    /// A line of a sample's ledger.
    CustodyEventId,
    /// A DNA profile.
    ProfileId,
    /// A pedigree.
    PedigreeId,
    /// A search of the whole bank.
    SearchRunId,
}
