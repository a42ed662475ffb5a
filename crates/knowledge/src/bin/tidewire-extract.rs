//! Reads documents. Without arguments it is the child process of `tidewire_knowledge::extract`, as the
//! app is with a subcommand; with the path of a file it prints the passages of that file, to look at.

use std::{env, error::Error, fs, process::ExitCode};

use tidewire_knowledge::{
    ChunkLimits, cut,
    extract::{Hint, child, read},
};

fn main() -> ExitCode {
    match env::args().nth(1) {
        None => child::run(),
        Some(path) => match print(&path) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn print(path: &str) -> Result<(), Box<dyn Error>> {
    let hint = Hint {
        file_name: path,
        media_type: "",
    };
    let document = read(&fs::read(path)?, hint)?;
    println!("title: {:?}", document.title);
    for chunk in cut(&document, &ChunkLimits::default()) {
        println!("\n[{}]\n{}", chunk.locator, chunk.text);
    }
    Ok(())
}
