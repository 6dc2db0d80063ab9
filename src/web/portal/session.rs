//! Who asks and how: sessions of staff and families, language, form tokens, the client's address. One look per request, before the handler.

use super::error::PortalError;
use super::i18n::Lang;
use super::page::{self, Flash, Page, PageUser};
use crate::app::App;
use crate::config::Settings;
use crate::domain::actor::{Actor, FamilyActor};
use crate::services::accounts::{self, Family, Staff};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::ops::Deref;
use std::rc::Rc;
use subtle::ConstantTimeEq;

/// The session of a member of staff.
pub const STAFF_COOKIE: &str = "rastro_session";
/// The session of a family.
pub const FAMILY_COOKIE: &str = "rastro_familia";
/// The chosen language.
pub const LANG_COOKIE: &str = "rastro_idioma";
/// The token of forms that nobody is signed in for.
pub const FORM_COOKIE: &str = "rastro_formulario";
/// A message to show on the next page.
pub const FLASH_COOKIE: &str = "rastro_aviso";

/// A cookie's full name: behind TLS it carries the prefix that binds it to this host.
#[must_use]
pub fn cookie_name(settings: &Settings, base: &str) -> String {
    if settings.http.secure_cookies { format!("__Host-{base}") } else { base.to_owned() }
}

/// A cookie of ours: for this host, out of reach of scripts, not sent along with other sites' posts, gone with the browser.
#[must_use]
pub fn cookie(settings: &Settings, base: &str, value: impl Into<String>) -> Cookie<'static> {
    Cookie::build(cookie_name(settings, base), value.into())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(settings.http.secure_cookies)
        .finish()
}

/// The same cookie, ended.
#[must_use]
pub fn ended_cookie(settings: &Settings, base: &str) -> Cookie<'static> {
    let mut cookie = cookie(settings, base, "");
    cookie.make_removal();
    cookie
}

/// What is known of a request before its handler runs.
#[derive(Debug)]
pub struct Facts {
    /// Language of the answer.
    pub lang: Lang,
    /// Whether `?lang=` asked for it, so that it is to be remembered.
    pub lang_chosen: bool,
    /// The signed-in member of staff.
    pub staff: Option<Rc<Staff>>,
    /// The staff session's token.
    pub staff_token: Option<String>,
    /// The signed-in family.
    pub family: Option<Family>,
    /// The family session's token.
    pub family_token: Option<String>,
    /// The token of forms that nobody is signed in for.
    pub form_token: String,
    /// Whether that token is new and its cookie is to be set.
    pub form_token_is_new: bool,
    /// Path of the request.
    pub path: String,
    /// Query of the request.
    pub query: String,
    /// Whether the browser asked to save data.
    pub save_data: bool,
    /// Whether htmx asks, for a part of the page.
    pub hx: bool,
    /// The client's network address.
    pub client: String,
    flash: Option<Flash>,
}

/// The facts of a request, cheap to hand on.
#[derive(Debug, Clone)]
pub struct Visit(Rc<Facts>);

impl Deref for Visit {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

fn read_cookie(request: &HttpRequest, settings: &Settings, base: &str) -> Option<String> {
    request.cookie(&cookie_name(settings, base)).map(|c| c.value().to_owned()).filter(|v| !v.is_empty() && v.len() <= 200)
}

/// The client's address: the socket's, or what the nearest untrusted hop was when only trusted proxies lie between.
fn client_address(request: &HttpRequest, trusted: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return String::new() };
    if !trusted.contains(&peer) {
        return peer.to_string();
    }
    request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|hop| hop.trim().parse::<IpAddr>().ok())
        .filter(|hop| !trusted.contains(hop))
        .last()
        .unwrap_or(peer)
        .to_string()
}

impl Visit {
    /// Looks at a request: cookies, sessions, language.
    ///
    /// # Errors
    /// When the database cannot be asked for the session.
    pub(super) async fn look(app: &App, request: &HttpRequest) -> Result<Self, PortalError> {
        let settings = &app.settings;
        let text = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
        let staff_token = read_cookie(request, settings, STAFF_COOKIE);
        let staff = match &staff_token {
            Some(token) => accounts::find_staff(app, token).await?.map(Rc::new),
            None => None,
        };
        let family_token = read_cookie(request, settings, FAMILY_COOKIE);
        let family = match &family_token {
            Some(token) => accounts::find_family(app, token).await?,
            None => None,
        };
        let query = request.query_string().to_owned();
        let chosen = query.split('&').find_map(|p| p.strip_prefix("lang=")).and_then(Lang::of_tag);
        let lang = chosen
            .or_else(|| read_cookie(request, settings, LANG_COOKIE).and_then(|v| Lang::of_tag(&v)))
            .or_else(|| staff.as_ref().and_then(|s| Lang::of_tag(&s.user.language)))
            .or_else(|| text("accept-language").and_then(Lang::accepted))
            .unwrap_or_default();
        let kept = read_cookie(request, settings, FORM_COOKIE);
        let form_token_is_new = kept.is_none();
        let form_token = kept.unwrap_or_else(|| {
            let mut bytes = [0u8; 24];
            app.random.fill(&mut bytes);
            URL_SAFE_NO_PAD.encode(bytes)
        });
        let flash = read_cookie(request, settings, FLASH_COOKIE).and_then(|v| {
            let (kind, key) = v.split_once('.')?;
            let known = matches!(kind, "success" | "notice" | "warning" | "error") && key.starts_with("flash-") && lang.has(key);
            known.then(|| Flash { kind: kind.to_owned(), text: lang.text(key) })
        });
        Ok(Self(Rc::new(Facts {
            lang,
            lang_chosen: chosen.is_some(),
            staff,
            staff_token,
            family,
            family_token,
            form_token,
            form_token_is_new,
            path: request.path().to_owned(),
            query,
            save_data: text("save-data").is_some_and(|v| v.eq_ignore_ascii_case("on")),
            hx: text("hx-request").is_some_and(|v| v == "true"),
            client: client_address(request, &settings.http.trusted_proxies),
            flash,
        })))
    }

    /// A visit of nobody, for what fails before anybody could be looked up.
    pub(super) fn of_nobody(request: &HttpRequest) -> Self {
        let header = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
        Self(Rc::new(Facts {
            lang: header("accept-language").and_then(Lang::accepted).unwrap_or_default(),
            lang_chosen: false,
            staff: None,
            staff_token: None,
            family: None,
            family_token: None,
            form_token: String::new(),
            form_token_is_new: false,
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            save_data: false,
            hx: header("hx-request").is_some_and(|v| v == "true"),
            client: String::new(),
            flash: None,
        }))
    }

    pub(super) fn has_flash(&self) -> bool {
        self.flash.is_some()
    }

    fn page(&self) -> Page {
        Page {
            lang: self.lang.as_str(),
            language: self.lang,
            csrf: self.form_token.clone(),
            user: None,
            nav: Vec::new(),
            home: "/",
            save_data: self.save_data,
            flash: self.flash.clone(),
            help_line: String::new(),
            address: page::address_without_lang(&self.path, &self.query),
        }
    }

    /// A page for anybody.
    #[must_use]
    pub fn public_page(&self) -> Page {
        let mut page = self.page();
        if let Some(staff) = &self.staff {
            page.home = page::landing(&staff.actor);
        }
        page
    }

    /// A page of the desk; a public one when nobody is signed in.
    #[must_use]
    pub fn staff_page(&self) -> Page {
        let Some(staff) = &self.staff else { return self.page() };
        Page {
            csrf: staff.csrf.clone(),
            user: Some(PageUser {
                name: staff.user.name.clone(),
                authority: staff.authority.name.clone(),
                purpose: self.lang.word("purpose", staff.actor.purpose.as_str()),
            }),
            nav: page::menu(self.lang, staff, &self.path),
            home: page::landing(&staff.actor),
            ..self.page()
        }
    }

    /// A family's page.
    #[must_use]
    pub fn family_page(&self) -> Page {
        let Some(family) = &self.family else { return self.page() };
        Page { csrf: family.csrf.clone(), home: "/familia", ..self.page() }
    }

    /// Whether a form's token is this browser's, in constant time per token.
    #[must_use]
    pub fn form_token_fits(&self, given: &str) -> bool {
        let ours = [self.staff.as_ref().map(|s| s.csrf.as_str()), self.family.as_ref().map(|f| f.csrf.as_str())];
        // The anonymous token counts only where nobody is signed in and the browser brought it as a cookie.
        let unknown = self.staff.is_none() && self.family.is_none();
        let anonymous = (unknown && !self.form_token_is_new && !self.form_token.is_empty()).then_some(self.form_token.as_str());
        let mut fits = false;
        for token in ours.into_iter().flatten().chain(anonymous) {
            fits |= bool::from(token.as_bytes().ct_eq(given.as_bytes()));
        }
        fits
    }

    /// Whether a writing request comes from a page of ours: browsers say where it comes from, and programs without either header have no cookies
    /// to abuse.
    pub(super) fn comes_from_here(request: &HttpRequest, settings: &Settings) -> bool {
        let text = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
        if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
            return false;
        }
        match text("origin") {
            // Our own pages forbid referrers, and some browsers then send "null"; the fetch header and the form token decide.
            None | Some("null") => true,
            Some(origin) => {
                let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
                let public = settings.http.public_url.trim_end_matches('/').split_once("://").map_or("", |(_, rest)| rest);
                text("host").is_some_and(|host| host.eq_ignore_ascii_case(authority)) || authority.eq_ignore_ascii_case(public)
            }
        }
    }
}

impl FromRequest for Visit {
    type Error = PortalError;
    type Future = Ready<Result<Self, PortalError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(PortalError::Unframed))
    }
}

/// A signed-in member of staff; anybody else is asked to sign in and comes back.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The visit.
    pub visit: Visit,
    /// The person, with authority.
    pub staff: Rc<Staff>,
}

impl SignedIn {
    /// In whose name to work.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.staff.actor
    }

    /// The page around what is shown.
    #[must_use]
    pub fn page(&self) -> Page {
        self.visit.staff_page()
    }
}

impl FromRequest for SignedIn {
    type Error = PortalError;
    type Future = Ready<Result<Self, PortalError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Visit>().cloned();
        ready(match visit {
            Some(visit) => match &visit.staff {
                Some(staff) => Ok(Self { staff: Rc::clone(staff), visit: visit.clone() }),
                None => Err(PortalError::SignIn),
            },
            None => Err(PortalError::Unframed),
        })
    }
}

/// A signed-in family; anybody else is asked for folio and PIN.
#[derive(Debug, Clone)]
pub struct SignedInFamily {
    /// The visit.
    pub visit: Visit,
    /// In whose name to work.
    pub actor: FamilyActor,
}

impl SignedInFamily {
    /// The page around what is shown.
    #[must_use]
    pub fn page(&self) -> Page {
        self.visit.family_page()
    }
}

impl FromRequest for SignedInFamily {
    type Error = PortalError;
    type Future = Ready<Result<Self, PortalError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Visit>().cloned();
        ready(match visit {
            Some(visit) => match &visit.family {
                Some(family) => Ok(Self { actor: family.actor, visit: visit.clone() }),
                None => Err(PortalError::FamilySignIn),
            },
            None => Err(PortalError::Unframed),
        })
    }
}
