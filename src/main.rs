//! Rastro: parse arguments, hand over to `cli`.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Faster than the system's where many small things are made by several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rastro::cli::main()
}
