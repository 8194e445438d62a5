use wit_component::{StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use super::*;

const PROVIDER: &str = include_str!("../../../wit/provider.wit");

/// A core module of the world in this WIT, with or without its type.
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

fn refused(module: &[u8]) -> String {
    pack(module).unwrap_err().to_string()
}

#[test]
fn a_provider_becomes_a_component_that_imports_nothing_and_always_the_same() {
    let module = module(PROVIDER, "cloud-provider", true);
    let component = pack(&module).unwrap();
    let read = Read::of(&component).unwrap();
    assert!(read.component && read.imports.is_empty());
    assert_eq!(read.exports, ["portico:provider/provider@2.0.0"]);
    assert_eq!(pack(&module).unwrap(), component);
    assert!(refused(&component).contains("component already"));
}

#[test]
fn what_is_no_module_is_refused() {
    let whole = module(PROVIDER, "cloud-provider", true);
    for odd in [&b""[..], b"MZ\x90\0", b"\0asm\x01", &whole[..whole.len() / 2]] {
        assert!(refused(odd).contains("no WebAssembly module"), "{}", refused(odd));
    }
}

#[test]
fn a_module_without_its_interface_is_asked_for_the_macro() {
    let module = module(PROVIDER, "cloud-provider", false);
    assert!(refused(&module).contains("portico_provider::export!"));
}

#[test]
fn imports_are_refused_by_their_names() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { import i; }";
    let refused = refused(&module(wit, "w", true));
    assert!(refused.contains("imports a:b/i now"), "{refused}");
}

#[test]
fn another_interface_is_no_provider() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { export i; }";
    let refused = refused(&module(wit, "w", true));
    assert!(refused.contains("exports a:b/i, and not"), "{refused}");
}

#[test]
fn a_module_that_lacks_what_its_interface_promises_is_refused() {
    let wit = "package a:b; interface i { now: func() -> u64; } world w { export i; } world v {}";
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("w")).unwrap();
    let mut module = module(wit, "v", false);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    assert!(refused(&module).contains("does not fit"), "{}", refused(&module));
}
