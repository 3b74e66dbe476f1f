//! A user's browser, one step at a time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use reqwest::{
    Client, StatusCode, Url,
    header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use sandbox::{AccountSpec, AutoAnswer, PlatformHandle};
use serde_json::{Value, json};
use tests::{ANSWER_TIME, Platforms, World};

use crate::connecting::ask::mutate;

/// A browser with the gateway's cookies, which follows no redirect by itself.
pub(crate) struct Browser {
    http: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What a browser was answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) location: Option<Url>,
    pub(crate) body: String,
}

impl Page {
    /// A parameter of where the browser is sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let location = self.location.as_ref()?;
        let mut pairs = location.query_pairs();
        pairs
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The error that the flow ended with, in the return URL or on the page.
    pub(crate) fn error(&self) -> String {
        let on_page = || {
            let (_, rest) = self.body.split_once("<code>")?;
            rest.split_once("</code>").map(|(code, _)| code.to_owned())
        };
        self.parameter("error")
            .or_else(on_page)
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    /// The connection that the flow ended with.
    pub(crate) fn connection(&self) -> String {
        self.parameter("connection")
            .unwrap_or_else(|| panic!("no connection: {self:?}"))
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        let http = Client::builder()
            .no_proxy()
            .timeout(ANSWER_TIME)
            .redirect(Policy::none());
        Self {
            http: http.build().unwrap(),
            cookies: Mutex::default(),
        }
    }

    /// Opens an address, with this browser's cookies where it is the gateway's.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    async fn open(&self, url: &str, ours: bool) -> Page {
        let mut request = self.http.get(url);
        if ours {
            let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
            let pairs = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            request = request.header(COOKIE, pairs.collect::<Vec<_>>().join("; "));
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let location = headers.get(LOCATION).map(|value| value.to_str().unwrap());
        let location = location.map(|text| Url::parse(text).unwrap());
        if ours {
            self.keep(&headers);
        }
        Page {
            status,
            headers,
            location,
            body: response.text().await.unwrap(),
        }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for value in headers.get_all(SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (pair, _) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The values of its cookies.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.values().cloned().collect()
    }

    /// Opens an address of the gateway, wherever that listens in this test.
    pub(crate) async fn at_gateway(&self, world: &World, url: &Url) -> Page {
        self.at(&world.url(""), url).await
    }

    /// Opens an address of the gateway that listens at `base`.
    pub(crate) async fn at(&self, base: &str, url: &Url) -> Page {
        let query = url
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        self.open(&format!("{base}{}{query}", url.path()), true)
            .await
    }

    /// From the authorization URL over Stripe's page to the callback, which is not opened yet.
    pub(crate) async fn walk(&self, world: &World, authorization_url: &Url) -> Url {
        self.walk_at(&world.url(""), authorization_url).await
    }

    /// The same at the gateway that listens at `base`.
    pub(crate) async fn walk_at(&self, base: &str, authorization_url: &Url) -> Url {
        let hop = self.at(base, authorization_url).await;
        assert_eq!(hop.status, StatusCode::SEE_OTHER, "{hop:?}");
        let stripe = hop.location.unwrap();
        let page = self.open(stripe.as_str(), false).await;
        page.location
            .unwrap_or_else(|| panic!("Stripe shows an error: {}", page.body))
    }

    /// A whole flow.
    pub(crate) async fn connect(&self, world: &World, input: Value) -> Page {
        let callback = self.walk(world, &start(world, input).await).await;
        self.at_gateway(world, &callback).await
    }
}

/// Starts a flow; where to send the user.
pub(crate) async fn start(world: &World, input: Value) -> Url {
    let payload = try_start(world, input).await;
    assert_eq!(payload["errors"], json!([]));
    Url::parse(payload["authorizationUrl"].as_str().unwrap()).unwrap()
}

/// Starts a flow; the payload.
pub(crate) async fn try_start(world: &World, input: Value) -> Value {
    mutate(
        world,
        "startStripeOAuth",
        "authorizationUrl expiresAt",
        input,
    )
    .await
}

/// An input that returns to the application.
pub(crate) fn input(name: &str) -> Value {
    json!({ "name": name, "returnUrl": tests::RETURN_URL, "livemode": false })
}

pub(crate) fn platforms(world: &World) -> &Platforms {
    world.platforms.as_ref().unwrap()
}

/// The platform of test mode.
pub(crate) fn platform(world: &World) -> &PlatformHandle {
    &platforms(world).test
}

/// An account whose owner will let the platform in.
pub(crate) fn willing(world: &World, spec: AccountSpec) -> String {
    let account = world.stripe.add_account(spec);
    let answer = AutoAnswer::Grant(account.clone());
    world
        .stripe
        .authorize_automatically(&platform(world).client_id, answer);
    account
}
