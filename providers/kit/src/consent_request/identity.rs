//! The lines about the identity of people: which document it is read from, and where.

use portico_domain::provider::{Descriptor, EndpointTemplates, SubjectMapping, UserRecordTemplate};

use super::{FilledTemplates, Line, all_shown, pairs, quoted, shown};

pub(super) fn lines(it: &Descriptor, filled: &FilledTemplates) -> Vec<Line> {
    let mut lines = match &it.people {
        Some(people) => {
            let mut lines = vec![Line::new("subject", subject(it, people, filled))];
            lines.extend(names(people));
            lines
        }
        None => vec![Line::new(
            "subject",
            "It signs nobody in: it is connected to a session that another provider began.",
        )],
    };
    lines.extend(it.sign_in.user_records.iter().map(|record| user_record(record, filled)));
    lines
}

fn subject(it: &Descriptor, people: &SubjectMapping, filled: &FilledTemplates) -> String {
    let at = shown(&people.subject);
    match (&it.sign_in.endpoints, it.sign_in.user_records.first()) {
        (EndpointTemplates::OpenId(issuer), _) if issuer.is_empty() => {
            format!("A person's identity is read from the claims of the provider it names: {at}.")
        }
        (EndpointTemplates::OpenId(issuer), _) => {
            let issuer = filled.address(issuer);
            format!("A person's identity is read from the ID token signed by {issuer}: {at}.")
        }
        (EndpointTemplates::Plain { .. }, Some(record)) => {
            let url = filled.address(&record.url);
            format!("A person's identity is read from the document at {url}: {at}.")
        }
        (EndpointTemplates::Plain { .. }, None) => {
            format!("A person's identity cannot be read: there is no document for {at}.")
        }
    }
}

fn names(people: &SubjectMapping) -> Vec<Line> {
    let tenant = match &people.tenant {
        Some(at) => format!("Their tenant is {} there, or else the host of the issuer.", shown(at)),
        None => "Their tenant is the host of the issuer.".into(),
    };
    let first = |what: &str, places: &[String]| match places {
        [] => format!("No {what} is declared."),
        places => format!("Their {what} is the first text at {}.", all_shown(places)),
    };
    vec![
        Line::new("tenant", tenant),
        Line::new("display name", first("display name", &people.display_name)),
        Line::new("user name", first("user name", &people.username)),
    ]
}

fn user_record(record: &UserRecordTemplate, filled: &FilledTemplates) -> Line {
    let UserRecordTemplate { member, url, headers, permission } = record;
    let what = match member {
        None => "it is the document that people are read from".to_owned(),
        Some(member) => format!("it becomes {} of what is known of them", shown(member)),
    };
    let headers = match headers.as_slice() {
        [] => String::new(),
        headers => format!(", with the headers {}", pairs(headers, ": ")),
    };
    let words = format!(
        "At each sign-in {} is fetched with the person's token, under the permission {}{headers}: \
         {what}.",
        filled.address(url),
        quoted(permission),
    );
    Line::new(format!("user record {}", member.as_deref().unwrap_or_default()), words)
}
