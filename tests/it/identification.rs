//! Identification, notification and restitution: two people of two institutions sign and revoke, every rival is compared, nobody is told but by a person, and
//! what is sealed stays sealed.

mod life;
mod revoking;
mod rules;
mod telling;

use crate::support::{TestNode, consent_to, identified, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::case::CaseCommand;
use rastro::domain::hypothesis::HypothesisState;
use rastro::domain::ids::{CaseId, FoundId, HypothesisId, IdentificationId};
use rastro::services::cases::{self, CaseMove};
use rastro::services::{ServiceError, hypotheses};

struct Scene {
    node: TestNode,
    /// The case's commission: an officer who reviews too, and a colleague.
    officer: Actor,
    colleague: Actor,
    /// The bank that keeps the remains: a forensic officer, and a geneticist.
    forensic: Actor,
    geneticist: Actor,
    /// Of a third institution.
    stranger: Actor,
    case: CaseId,
    found: FoundId,
    hypothesis: HypothesisId,
}

async fn scene() -> Scene {
    scene_on(TestNode::start().await).await
}

/// A case whose hypothesis on remains is confirmed and that says so.
async fn scene_on(node: TestNode) -> Scene {
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let third = node.authority("CBT", "GTM", AuthorityKind::SearchCommission).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let colleague = node.user(commission, "colleague", &[Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let geneticist = node.user(bank, "geneticist", &[Role::Geneticist]).await;
    let stranger = node.user(third, "stranger", &[Role::SearchOfficer, Role::Reviewer, Role::ForensicOfficer]).await;
    let found = node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    let lines = hypotheses::list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap();
    let hypothesis = HypothesisId(lines[0].id);
    let s = Scene { node, officer, colleague, forensic, geneticist, stranger, case, found, hypothesis };
    s.set_hypothesis(hypothesis, HypothesisState::Confirmed).await;
    for command in [CaseCommand::ActivateSearch, CaseCommand::OpenPossibleLocation] {
        s.case_move(command).await.unwrap();
    }
    s
}

impl Scene {
    async fn sql(&self, statement: &str) -> u64 {
        self.node.everything().await.execute(statement, &[]).await.unwrap()
    }

    async fn set_hypothesis(&self, id: HypothesisId, state: HypothesisState) {
        self.sql(&format!("UPDATE hypothesis SET state = '{state}', rev = rev + 1 WHERE id = '{id}'")).await;
    }

    async fn case_move(&self, command: CaseCommand) -> Result<(), ServiceError> {
        let rev = cases::read(&self.node.app, &self.officer, self.case).await.unwrap().row.rev;
        let wanted = CaseMove { command, reason: "as the plan says".to_owned() };
        cases::command(&self.node.app, &self.officer, self.case, rev, wanted).await.map(|_| ())
    }

    async fn case_state(&self) -> (String, i16) {
        let row = cases::read(&self.node.app, &self.officer, self.case).await.unwrap().row;
        (row.state, row.family_phase)
    }

    /// Issued, and the case says so.
    async fn identified(&self) -> IdentificationId {
        let id = identified::issued(&self.node, (&self.officer, &self.forensic), self.hypothesis).await;
        self.case_move(CaseCommand::ConfirmIdentified).await.unwrap();
        id
    }

    /// Another hypothesis that is open: on the case with other remains of the bank's.
    async fn rival(&self) -> HypothesisId {
        let other = self.node.remains(&self.forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
        self.node.work().await;
        let filter = QueueFilter { found: Some(other.0), ..QueueFilter::default() };
        HypothesisId(hypotheses::list(&self.node.app, &self.officer, &filter, None, 1).await.unwrap()[0].id)
    }

    /// Another hypothesis on the remains that only the bank and the third institution may see.
    async fn rival_out_of_sight(&self) -> HypothesisId {
        self.node.agreement(self.stranger.authority, self.forensic.authority).await;
        let consent = Some(consent_to(&[AuthorityKind::ForensicBank]));
        let other = self.node.case(&self.stranger, person("Xiomara Inventada", "Zelaya", "Prueba"), consent).await;
        self.node.work().await;
        let filter = QueueFilter { case: Some(other.0), ..QueueFilter::default() };
        HypothesisId(hypotheses::list(&self.node.app, &self.forensic, &filter, None, 1).await.unwrap()[0].id)
    }
}

/// The places and codes of the faults of an input.
fn faults<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Vec<(String, &'static str)> {
    match result {
        Err(ServiceError::Invalid(faults)) => faults.0.into_iter().map(|f| (f.pointer, f.code)).collect(),
        other => panic!("not refused for its input: {other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Refused(_)))
}
