//! Rastro: parse arguments, hand over to `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rastro::cli::main()
}
