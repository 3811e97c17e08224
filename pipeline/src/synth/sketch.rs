use super::*;
use super::{conditions::Conditions, course::Course, emergencies::Fate, person::Person, truth::{is_here, probability}};

#[test]
fn figures() {
    let p = SynthParams { people: 20000, years: 3, ..SynthParams::default() };
    let pop = generate(&p);
    let w = &pop.world;
    let t = p.last_day - 365;
    for a in [5.0, 29.0, 47.0, 60.0, 70.0, 80.0, 90.0] { println!("base {a}: {:.4}", w.rates.admission(a, 1) * 365.25); }
    let mut rows: Vec<(f64, bool, f64)> = vec![];
    let mut ages = [[0.0f64; 5]; 10];
    let mut hist = [0usize; 16];
    let (mut age_only, mut frail): (Vec<(f64,bool)>, Vec<(f64,f64)>) = (vec![], vec![]);
    for n in 0..p.people {
        let person = Person::new(w, n);
        if person.merged_into.is_some() { continue }
        let c = Conditions::of(w, &person);
        let course = Course::new(w, &person, &c);
        let fate = Fate::of(w, &person, &course);
        if !is_here(&person, &fate, t) || person.left.is_some() { continue }
        let pr = probability(&person, &fate, &course, t, 365).unwrap();
        let k = fate.emergencies.iter().filter(|e| e.admitted > t && e.admitted <= t + 365).count();
        let a = (person.age(t) as usize / 10).min(9);
        ages[a][0] += 1.0; ages[a][1] += k as f64; ages[a][2] += pr; ages[a][3] += f64::from(u8::from(k > 0)); ages[a][4] += course.ratio(t).0;
        hist[k.min(15)] += 1;
        if person.age(t) >= 0.0 { rows.push((pr, k > 0, k as f64)); age_only.push((person.age(t), k>0)); frail.push((person.frailty, k as f64)); }
    }
    for (a, x) in ages.iter().enumerate() { println!("age {a}: n {} rate/1000 {:.0} p {:.4} obs {:.4} ratio {:.2}", x[0], 1000.0*x[1]/x[0], x[2]/x[0], x[3]/x[0], x[4]/x[0]); }
    println!("{hist:?}");
    let pm: f64 = rows.iter().map(|r| r.0).sum::<f64>() / rows.len() as f64;
    let om = rows.iter().filter(|r| r.1).count() as f64 / rows.len() as f64;
    println!("mean p {pm:.4} observed {om:.4} rate {:.1}", 1000.0 * rows.iter().map(|r| r.2).sum::<f64>() / rows.len() as f64);
    println!("auroc {:.3} age only {:.3}", auroc(rows.iter().map(|r| (r.0, r.1)).collect()), auroc(age_only));
    let mut by = rows.clone(); by.sort_by(|a, b| b.0.total_cmp(&a.0));
    let top: f64 = by[..by.len() / 20].iter().map(|r| r.2).sum(); let all: f64 = by.iter().map(|r| r.2).sum();
    println!("top 5% hold {:.3}", top / all);
}
pub fn auroc(mut v: Vec<(f64, bool)>) -> f64 {
    v.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut pos) = (0.0, 0.0);
    for (i, (_, y)) in v.iter().enumerate() { if *y { rank_sum += (i + 1) as f64; pos += 1.0; } }
    let neg = v.len() as f64 - pos;
    (rank_sum - pos * (pos + 1.0) / 2.0) / (pos * neg)
}
