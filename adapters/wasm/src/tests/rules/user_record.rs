//! Rules for user records and the subject mapping.

use rstest::rstest;

use super::{Change, described, refused};
use crate::{
    bindings::wire::{self, Descriptor, People, Permission, UserRecord},
    testing::honest::{plain, user_record},
};

type RecordChange = fn(&mut UserRecord, &mut Permission);

/// Adds the user record `me`, with a change of it and of its permission.
fn with_record(change: RecordChange) -> impl FnOnce(&mut Descriptor) {
    move |it| {
        let mut record = user_record(Some("me"));
        change(&mut record, &mut it.permissions[0]);
        it.sign_in.user_records = vec![record];
    }
}

#[test]
fn user_record_with_covering_permission_of_the_person_is_accepted() {
    assert!(described(with_record(|_, _| ())).is_ok());
}

#[rstest]
#[case::of_application(|_: &mut UserRecord, it: &mut Permission| {
    it.principal = wire::Principal::Application;
})]
#[case::of_nobody(|_: &mut UserRecord, it: &mut Permission| {
    it.principal = wire::Principal::Nobody;
})]
#[case::unknown(|it: &mut UserRecord, _: &mut Permission| it.permission = "write".into())]
fn user_record_refuses_other_permission_than_one_of_the_person(#[case] change: RecordChange) {
    let error = refused(with_record(change));
    assert!(error.contains("no permission of the signed-in user"), "{error}");
}

#[rstest]
#[case::other_url(|it: &mut UserRecord, _: &mut Permission| {
    it.url = "https://evil.example/user".into();
})]
#[case::other_host(|_: &mut UserRecord, it: &mut Permission| {
    it.hosts = vec!["api.example".into()];
})]
#[case::other_path(|_: &mut UserRecord, it: &mut Permission| it.paths = vec!["/users".into()])]
#[case::other_method(|_: &mut UserRecord, it: &mut Permission| {
    it.methods = vec![wire::Method::Post];
})]
#[case::encoded_dot_segment(|record: &mut UserRecord, permission: &mut Permission| {
    record.url = "{issuer}/list/%2e%2e/user".into();
    permission.paths = vec!["/list".into()];
})]
fn user_record_refuses_permission_that_does_not_cover_it(#[case] change: RecordChange) {
    let error = refused(with_record(change));
    assert!(error.contains("does not cover"), "{error}");
}

#[rstest]
#[case::empty_permission(|it: &mut UserRecord, _: &mut Permission| {
    it.permission = String::new();
})]
#[case::header_name(|it: &mut UserRecord, _: &mut Permission| {
    it.headers = vec![("a b".into(), "c".into())];
})]
fn user_record_refuses_invalid_part(#[case] change: RecordChange) {
    refused(with_record(change));
}

fn plain_with(records: Vec<UserRecord>) -> impl FnOnce(&mut Descriptor) {
    move |it| {
        it.sign_in.endpoints = wire::Endpoints::Plain(plain());
        it.sign_in.user_records = records;
    }
}

fn openid_with(records: Vec<UserRecord>) -> impl FnOnce(&mut Descriptor) {
    move |it| it.sign_in.user_records = records
}

/// A user record that is the claims.
fn claims() -> UserRecord {
    user_record(None)
}

/// A user record that becomes a member of the claims.
fn member(name: &str) -> UserRecord {
    user_record(Some(name))
}

#[test]
fn user_records_are_claims_of_plain_provider_first_and_members_otherwise() {
    assert!(described(plain_with(vec![claims(), member("me")])).is_ok());
    assert!(described(openid_with(vec![member("me"), member("more")])).is_ok());
}

#[rstest]
#[case::member_first(vec![member("me")])]
#[case::claims_twice(vec![claims(), claims()])]
fn plain_sign_in_refuses_user_records(#[case] records: Vec<UserRecord>) {
    assert!(refused(plain_with(records)).contains("every other one a member"));
}

#[rstest]
#[case::claims(vec![claims()], "every other one a member")]
#[case::claims_after_member(vec![member("me"), claims()], "every other one a member")]
#[case::duplicate_member(vec![member("me"), member("me")], "are the same")]
fn openid_sign_in_refuses_user_records(#[case] records: Vec<UserRecord>, #[case] rule: &str) {
    let error = refused(openid_with(records));
    assert!(error.contains(rule), "{error}");
}

#[rstest]
fn user_record_refuses_invalid_member_name(#[values("", "a/b", "a~b", "a b", "ż")] name: &str) {
    refused(openid_with(vec![member(name)]));
}

type PeopleChange = fn(&mut People);

/// Adds the user record `me`, and changes the subject mapping.
fn with_people(change: PeopleChange) -> impl FnOnce(&mut Descriptor) {
    move |it| {
        it.sign_in.user_records = vec![user_record(Some("me"))];
        it.people.iter_mut().for_each(change);
    }
}

#[rstest]
#[case::subject(|it: &mut People| it.subject = "/me/id".into())]
#[case::whole_record_as_subject(|it: &mut People| it.subject = "/me".into())]
#[case::tenant(|it: &mut People| it.tenant = Some("/me/org".into()))]
fn subject_mapping_of_openid_refuses_user_record_as_source(#[case] change: PeopleChange) {
    let error = refused(with_people(change));
    assert!(error.contains("stands in a user record beside an ID token"), "{error}");
}

#[test]
fn subject_mapping_of_openid_accepts_user_record_for_display_name() {
    assert!(described(with_people(|it| it.display_name = vec!["/me/name".into()])).is_ok());
}

#[rstest]
#[case::subject(|it: &mut People, pointer: &str| it.subject = pointer.into())]
#[case::tenant(|it: &mut People, pointer: &str| it.tenant = Some(pointer.into()))]
#[case::display_name(|it: &mut People, pointer: &str| it.display_name = vec![pointer.into()])]
#[case::username(|it: &mut People, pointer: &str| it.username = vec![pointer.into()])]
fn subject_mapping_refuses_invalid_pointer(#[case] set: fn(&mut People, &str)) {
    for pointer in ["", "sub", "sub/", "/a\nb", &format!("/{}", "x".repeat(256))] {
        let error = refused(|it| set(it.people.as_mut().unwrap(), pointer));
        assert!(error.contains("JSON pointer"), "{pointer:?}: {error}");
    }
}

#[rstest]
#[case::username(|it: &mut People| it.username = vec!["/a".into(); 9])]
#[case::display_name(|it: &mut People| it.display_name = vec!["/a".into(); 9])]
fn subject_mapping_refuses_more_than_8_pointers(#[case] change: PeopleChange) {
    assert!(refused(with_people(change)).contains("8 are"));
}

#[test]
fn subject_mapping_refuses_plain_sign_in_without_user_record() {
    let error = refused(|it| it.sign_in.endpoints = wire::Endpoints::Plain(plain()));
    assert!(error.contains("neither an ID token nor a user record"), "{error}");
}

#[test]
fn plain_sign_in_without_subject_mapping_needs_no_user_record() {
    let change: Change = |it| {
        it.sign_in.endpoints = wire::Endpoints::Plain(plain());
        it.people = None;
    };
    assert!(described(change).is_ok());
}
