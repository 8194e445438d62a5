//! The child that compiles, as the program's own command runs it.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    portico_wasm::compile_stdin_to_stdout().map_err(|error| error.to_string().into())
}
