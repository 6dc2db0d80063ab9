//! Access of programs: short-lived EdDSA access tokens (RFC 8725, RFC 9068) for a client's secret, renewed by refresh tokens that work once.

use super::request::{self, MAX_BODY};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::authority::Purpose;
use crate::services::ServiceError;
use crate::services::accounts::{self, Grant};
use crate::web::problem::{ApiError, Problem};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use futures_util::future::LocalBoxFuture;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

const AUDIENCE: &str = "rastro-api";
const MINUTES: i64 = 10;
/// Clocks of two machines may differ by this many seconds.
const LEEWAY: u64 = 5;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(grant_token).service(me);
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The client.
    sub: Uuid,
    purpose: Purpose,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// What a program asks for access with. JSON, or a form as RFC 6749 has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// `client_credentials` or `refresh_token`.
    grant_type: String,
    /// The client's id.
    client_id: Option<Uuid>,
    /// Its secret.
    client_secret: Option<String>,
    /// The last refresh token; it works once.
    refresh_token: Option<String>,
    /// What the program works for; the first purpose of its roles without one.
    purpose: Option<Purpose>,
}

/// Access for ten minutes, and the token that renews it.
#[derive(Debug, Serialize, ToSchema)]
struct TokenAnswer {
    /// For the Authorization header.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// Works once.
    refresh_token: String,
    /// What the access is for.
    purpose: Purpose,
}

fn no_key() -> ApiError {
    ApiError::request(StatusCode::SERVICE_UNAVAILABLE, "no-token-key", "this node gives no tokens: its operator has set no [keys] token_key")
}

fn signing_key(app: &App) -> Result<SigningKey, ApiError> {
    let pem = app.token_key.as_deref().ok_or_else(no_key)?;
    let text = std::str::from_utf8(pem).map_err(|_| no_key())?;
    SigningKey::from_pkcs8_pem(text).map_err(|_| no_key())
}

fn answer(app: &App, grant: &Grant) -> Result<HttpResponse, ApiError> {
    let pem = app.token_key.as_deref().ok_or_else(no_key)?;
    let now = app.now();
    let claims = Claims {
        iss: app.settings.http.public_url.clone(),
        aud: AUDIENCE.to_owned(),
        sub: grant.client,
        purpose: grant.actor.purpose,
        iat: now.timestamp(),
        exp: (now + Duration::minutes(MINUTES)).timestamp(),
        jti: app.ids.next(),
    };
    let key = EncodingKey::from_ed_pem(pem).map_err(|_| no_key())?;
    let header = Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let access_token = jsonwebtoken::encode(&header, &claims, &key).map_err(|e| ServiceError::Internal(e.into()))?;
    let body = TokenAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: MINUTES * 60,
        refresh_token: grant.refresh.clone(),
        purpose: grant.actor.purpose,
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

/// Gives an access token for a client's secret, or for a refresh token, which works once.
#[utoipa::path(tag = "access", request_body = TokenRequest, responses((status = 200, body = TokenAnswer), (status = "4XX", body = Problem)), security(()))]
#[post("/token")]
async fn grant_token(app: web::Data<App>, request: HttpRequest, body: web::Payload) -> Result<HttpResponse, ApiError> {
    signing_key(&app)?;
    let bytes = request::read_body(&request, &mut body.into_inner(), MAX_BODY).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let asked: TokenRequest = if kind.starts_with("application/x-www-form-urlencoded") {
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        web::Query::<TokenRequest>::from_query(text)
            .map_err(|e| ApiError::request(StatusCode::BAD_REQUEST, "unreadable", format!("the form cannot be read: {e}")))?
            .into_inner()
    } else {
        request::parse(&bytes)?
    };
    let address = request.peer_addr().map(|a| a.ip().to_string()).unwrap_or_default();
    let missing = |pointer: &str| ApiError::fault(pointer, "empty", "is needed for this grant");
    let grant = match asked.grant_type.as_str() {
        "client_credentials" => {
            let client = asked.client_id.ok_or_else(|| missing("/client_id"))?;
            let secret = asked.client_secret.ok_or_else(|| missing("/client_secret"))?;
            accounts::client_grant(&app, client, &secret, asked.purpose, &address).await?
        }
        "refresh_token" => accounts::refresh_grant(&app, &asked.refresh_token.ok_or_else(|| missing("/refresh_token"))?).await?,
        _ => return Err(ApiError::fault("/grant_type", "unknown_word", "is client_credentials or refresh_token")),
    };
    answer(&app, &grant)
}

/// In whose name a program asks.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// The authority.
    authority: Uuid,
    /// The user behind the client.
    user: Uuid,
    /// Its roles.
    roles: Vec<String>,
    /// What the access is for.
    purpose: Purpose,
    /// Rights of the roles.
    rights: Vec<String>,
}

/// Says in whose name and for what the access token works.
#[utoipa::path(tag = "access", responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
#[get("/me")]
async fn me(who: Client) -> Result<HttpResponse, ApiError> {
    let actor = &who.actor;
    let mut rights: Vec<String> = actor.roles.iter().flat_map(|r| r.rights()).map(ToString::to_string).collect();
    rights.sort_unstable();
    rights.dedup();
    Ok(HttpResponse::Ok().json(Me {
        authority: actor.authority.0,
        user: actor.user.0,
        roles: actor.roles.iter().map(ToString::to_string).collect(),
        purpose: actor.purpose,
        rights,
    }))
}

/// A program with a valid access token.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// In whose name it asks.
    pub actor: Actor,
    /// When its access ends.
    pub until: DateTime<Utc>,
}

async fn client(app: web::Data<App>, bearer: Option<String>) -> Result<Client, ApiError> {
    let bearer = bearer.ok_or(ServiceError::Unauthenticated)?;
    let public = signing_key(&app)?.verifying_key();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[&app.settings.http.public_url]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The injected clock decides, not the library's.
    validation.validate_exp = false;
    let token = jsonwebtoken::decode::<Claims>(&bearer, &DecodingKey::from_ed_der(public.as_bytes()), &validation)
        .map_err(|_| ServiceError::Unauthenticated)?;
    let until = DateTime::from_timestamp(token.claims.exp, 0).ok_or(ServiceError::Unauthenticated)?;
    if token.header.typ.as_deref() != Some("at+jwt") || app.now() > until + Duration::seconds(i64::try_from(LEEWAY).unwrap_or(0)) {
        return Err(ServiceError::Unauthenticated.into());
    }
    let actor = accounts::api_actor_now(&app, token.claims.sub, token.claims.purpose).await?;
    Ok(Client { actor, until })
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let bearer = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        Box::pin(async move {
            let app = app.ok_or_else(|| ServiceError::Internal(anyhow::anyhow!("no application")))?;
            client(app, bearer).await
        })
    }
}
