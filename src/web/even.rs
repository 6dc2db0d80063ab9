//! Refusals take even times: whether a record of another authority is there must not be heard from how long its 404 took (exchange.md 4.1).

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use std::time::Duration;
use tokio::time::Instant;

/// Answers 404 leave at whole multiples of this after their request came. The policies weigh a row that is there some 0.1 ms longer than one that is
/// not; against a tick of 10 ms that shows only where an answer happens to be ready within 0.1 ms of one.
const TICK: Duration = Duration::from_millis(10);

/// When an answer leaves that is ready `took` after its request came, counted from then.
fn leaves(took: Duration) -> Duration {
    let ticks = took.as_nanos() / TICK.as_nanos() + 1;
    TICK.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
}

/// Holds back an answer 404 until the next tick.
pub(super) async fn even(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let response = next.call(request).await?;
    if response.status() == StatusCode::NOT_FOUND {
        tokio::time::sleep_until(began + leaves(began.elapsed())).await;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_leaves_at_the_next_tick_and_never_at_once() {
        let micros = Duration::from_micros;
        assert_eq!(leaves(micros(2_200)), TICK);
        assert_eq!(leaves(micros(2_100)), leaves(micros(2_200)));
        assert_eq!(leaves(micros(12_500)), 2 * TICK);
        assert_eq!(leaves(TICK), 2 * TICK);
    }
}
