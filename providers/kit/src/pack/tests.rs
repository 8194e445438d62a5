use rstest::rstest;
use wit_component::{StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use super::*;

const PROVIDER: &str = include_str!("../../../wit/provider.wit");

/// A core module of a world in this WIT, with or without its component type.
fn module(wit: &str, world: &str, typed: bool) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let legacy = ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, legacy);
    if typed {
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    }
    module
}

fn pack_error(module: &[u8]) -> String {
    pack(module).unwrap_err().to_string()
}

#[test]
fn pack_makes_the_same_component_without_imports_each_time() {
    let module = module(PROVIDER, "cloud-provider", true);
    let component = pack(&module).unwrap();
    let summary = Summary::of(&component).unwrap();
    assert!(summary.is_component && summary.imports.is_empty());
    assert_eq!(summary.exports, ["portico:provider/provider@2.0.0"]);
    assert_eq!(pack(&module).unwrap(), component);
    assert!(pack_error(&component).contains("component already"));
}

#[rstest]
#[case::empty(b"")]
#[case::windows_program(b"MZ\x90\0")]
#[case::header_alone(b"\0asm\x01")]
fn pack_refuses_bytes_that_are_not_a_module(#[case] bytes: &[u8]) {
    assert!(pack_error(bytes).contains("not a WebAssembly module"), "{}", pack_error(bytes));
}

#[test]
fn pack_refuses_truncated_module() {
    let module = module(PROVIDER, "cloud-provider", true);
    let error = pack_error(&module[..module.len() / 2]);
    assert!(error.contains("not a WebAssembly module"), "{error}");
}

#[test]
fn pack_names_the_export_macro_for_module_without_interface() {
    let module = module(PROVIDER, "cloud-provider", false);
    assert!(pack_error(&module).contains("portico_provider::export!"));
}

#[test]
fn pack_refuses_module_with_imports_and_names_them() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { import i; }";
    let error = pack_error(&module(wit, "w", true));
    assert!(error.contains("imports a:b/i now"), "{error}");
}

#[test]
fn pack_refuses_component_of_another_interface() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { export i; }";
    let error = pack_error(&module(wit, "w", true));
    assert!(error.contains("exports a:b/i, and not"), "{error}");
}

#[test]
fn pack_refuses_module_without_functions_of_its_interface() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { export i; } world v {}";
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("w")).unwrap();
    let mut module = module(wit, "v", false);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    assert!(pack_error(&module).contains("does not match"), "{}", pack_error(&module));
}
