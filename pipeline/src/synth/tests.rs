//! What the population as a whole promises.

use super::*;

#[test]
fn sketch() {
    let p = SynthParams { people: 20000, years: 3, ..SynthParams::default() };
    let t = std::time::Instant::now();
    let pop = generate(&p);
    println!("world {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let d = pop.delivery_full(p.last_day, Format::Csv);
    println!("csv {:?}", t.elapsed());
    for (n, b) in &d.files {
        println!("{n} {} {}", b.len(), b.iter().filter(|&&b| b == b'\n').count());
        std::fs::create_dir_all("/tmp/synthout").unwrap();
        std::fs::write(format!("/tmp/synthout/{n}"), b).unwrap();
    }
    let t = std::time::Instant::now();
    pop.delivery_full(p.last_day, Format::Parquet);
    println!("parquet {:?}", t.elapsed());
    let t = std::time::Instant::now();
    std::fs::write("/tmp/synthout/truth.parquet", pop.truth()).unwrap();
    println!("truth {:?}", t.elapsed());
}
