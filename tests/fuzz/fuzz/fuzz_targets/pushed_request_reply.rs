#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portico_fuzz::pushed_request_reply(data));
