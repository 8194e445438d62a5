//! The HTML pages: sign-in, error and signed-out. Without scripts or subresources.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use url::Url;

use crate::params::Params;
use crate::personas::{Person, WORLD};

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #5c5f66; --card: #fff; --ground: #eef1f5; --line: #d5d9e0;
  --accent: #0b5cad; --hover: #f2f6fb }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f1f4; --soft: #a9adb6; --card: #23262c; --ground: #15171b;
  --line: #3b3f48; --accent: #7ab8ff; --hover: #2d3139 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 2rem; box-shadow: 0 8px 30px rgb(0 0 0 / .08) }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1.25rem; color: var(--soft); overflow-wrap: anywhere }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .625rem }
button { width: 100%; text-align: start; font: inherit; color: inherit; background: none; cursor: pointer;
  border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; overflow-wrap: anywhere }
button:hover { background: var(--hover); border-color: var(--accent) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
strong, small { display: block } small { color: var(--soft) }
footer { margin-top: 1.5rem; font-size: .8125rem; color: var(--soft) }
";

/// An HTML response that must not be cached or framed.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    with_policy(
        status,
        page,
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
}

fn with_policy(status: StatusCode, page: String, policy: &'static str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(page)).into_response()
}

/// The sign-in page: one button for each person that `belongs` selects; the request's parameters become hidden inputs.
///
/// `account` names the tenant or cloud, `action` is the path that the form is posted to.
pub(crate) fn sign_in(
    account: Option<&str>,
    action: &str,
    belongs: impl Fn(&Person) -> bool,
    params: &Params,
) -> String {
    let people = WORLD.people.iter().filter(|person| belongs(person));
    let people: String = people.map(|one| button(one)).collect();
    let whose = account.map(|name| format!(" with your {name} account")).unwrap_or_default();
    frame(
        "Sign in",
        &format!(
            "<p>Pick somebody to continue to {}{}.</p>\n<form method=\"post\" action=\"{}\">\n\
             {}<ul>\n{people}</ul>\n</form>\n",
            escape(WORLD.application.name),
            escape(&whose),
            escape(action),
            hidden(params),
        ),
    )
}

fn button(person: &Person) -> String {
    let user_name = escape(person.user_name);
    format!(
        "<li><button type=\"submit\" name=\"persona\" value=\"{user_name}\"><strong>{}</strong>\
         <small>{user_name}</small><small>{}</small></button></li>\n",
        escape(person.name),
        escape(person.about),
    )
}

fn hidden(params: &Params) -> String {
    let inputs = params.pairs().iter().filter(|(name, _)| name != "persona");
    inputs
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n",
                escape(name),
                escape(value)
            )
        })
        .collect()
}

/// The error page for a request whose redirect URI is not trusted.
pub(crate) fn refused(why: &str) -> String {
    frame(
        "Sorry, but we’re having trouble signing you in",
        &format!("<p role=\"alert\">{}</p>\n", escape(why)),
    )
}

/// The page after a logout without a redirect.
pub(crate) fn signed_out() -> String {
    frame("You signed out", "<p>It’s a good idea to close all browser windows.</p>\n")
}

/// The page after a logout, which loads the front-channel logout URLs in frames and links to the client.
pub(crate) fn with_frames(urls: &[Url], back: Option<&str>) -> Response {
    let frame_of =
        |url: &Url| format!("<iframe hidden src=\"{}\"></iframe>\n", escape(url.as_str()));
    let frames: String = urls.iter().map(frame_of).collect();
    let link = back.map(|url| format!("<p><a href=\"{}\">Back to the app</a></p>\n", escape(url)));
    let content =
        format!("<p>You are signed out of all apps.</p>\n{frames}{}", link.unwrap_or_default());
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-src *; frame-ancestors 'none'";
    with_policy(StatusCode::OK, frame("You signed out", &content), policy)
}

fn frame(title: &str, content: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}\
         <footer>An emulated identity provider: nobody here is real.</footer>\n</main>\n</body>\n</html>\n"
    )
}

/// Escapes text for HTML content and double-quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
