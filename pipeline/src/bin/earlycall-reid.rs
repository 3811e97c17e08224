//! The command line of earlycall-reid: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use earlycall::{cli::reid::ReidCli, exit, panics};

fn main() -> ExitCode {
    let cli = match ReidCli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version are answers, not mistakes.
            let _ = answer.print();
            return ExitCode::from(if answer.use_stderr() { 2 } else { exit::DONE });
        }
    };
    panics::tell_places_only();
    match std::panic::catch_unwind(|| cli.run()) {
        Ok(Ok(())) => ExitCode::from(exit::DONE),
        Ok(Err(error)) => {
            eprintln!("earlycall-reid: {error}");
            ExitCode::from(exit::code(error.kind()))
        }
        Err(_) => {
            eprintln!("earlycall-reid: this is a bug; please report the place above");
            ExitCode::from(exit::BUG)
        }
    }
}
