use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn heard(id: &str, word: Word, minute: i64) -> Heard {
    Heard { provider_id: id.into(), word, at: at(minute) }
}

fn after(news: &[Heard]) -> Delivery {
    news.iter().fold(Delivery::default(), |delivery, heard| delivery.hear(heard).unwrap().unwrap_or(delivery))
}

/// Every order in which these can come.
fn orders(news: &[Heard]) -> Vec<Vec<Heard>> {
    if news.is_empty() {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for first in 0..news.len() {
        let mut rest = news.to_vec();
        let heard = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, heard.clone());
            all.push(order);
        }
    }
    all
}

/// In every order, and with each of them twice.
fn check(news: &[Heard], want: Status) {
    let one_way = after(news);
    assert_eq!(one_way.status(), want, "{news:?}");
    for mut order in orders(news) {
        assert_eq!(after(&order), one_way, "{order:?}");
        order.extend(order.clone());
        assert_eq!(after(&order), one_way, "{order:?}");
    }
    for again in news {
        assert_eq!(one_way.hear(again), Ok(None), "{again:?}");
    }
    let kept = serde_json::to_string(&one_way).unwrap();
    assert_eq!(serde_json::from_str::<Delivery>(&kept).unwrap(), one_way);
}

#[test]
fn the_same_end_whatever_the_order() {
    use Word::*;
    check(&[], Status::Queued);
    check(&[heard("a", Sent, 0)], Status::Sent { at: at(0) });
    check(&[heard("a", Sent, 0), heard("a", Delivered, 1)], Status::Delivered { at: at(1) });
    // The first of two words counts.
    check(&[heard("a", Delivered, 5), heard("a", Delivered, 1)], Status::Delivered { at: at(1) });
    check(
        &[heard("a", Sent, 0), heard("a", Delivered, 1), heard("a", HardBounced, 2)],
        Status::Bounced { hard: true, at: at(2) },
    );
    check(
        &[heard("a", Sent, 0), heard("a", SoftBounced, 2), heard("a", Delivered, 1)],
        Status::Delivered { at: at(1) },
    );
    check(&[heard("a", Sent, 0), heard("a", SoftBounced, 2)], Status::Bounced { hard: false, at: at(2) });
    check(
        &[heard("a", Sent, 0), heard("a", Delivered, 1), heard("a", Complained, 9), heard("a", HardBounced, 10)],
        Status::Complained { at: at(9) },
    );
}

#[test]
fn a_second_send_speaks_for_both() {
    use Word::*;
    let back = [heard("a", Sent, 0), heard("a", SoftBounced, 1)];
    let with = |more: &[Heard]| -> Vec<Heard> { back.iter().chain(more).cloned().collect() };
    check(&with(&[heard("b", Sent, 20)]), Status::Sent { at: at(20) });
    check(&with(&[heard("b", Sent, 20), heard("b", Delivered, 21)]), Status::Delivered { at: at(21) });
    check(&with(&[heard("b", Sent, 20), heard("b", HardBounced, 21)]), Status::Bounced { hard: true, at: at(21) });
    check(&with(&[heard("b", SoftBounced, 21)]), Status::Bounced { hard: false, at: at(21) });
    // The first one arrived after all.
    check(&with(&[heard("b", HardBounced, 21), heard("a", Delivered, 30)]), Status::Delivered { at: at(30) });
}

#[test]
fn what_no_provider_says_is_refused() {
    let check = |id: &str| {
        assert_eq!(Delivery::default().hear(&heard(id, Word::Sent, 0)), Err(HeardRefused::ProviderId), "{id:?}");
    };
    check("");
    check("a\nb");
    check(&"x".repeat(limits::PROVIDER_ID_CHARACTERS_MAX + 1));
    let full: Vec<Heard> =
        (0..limits::SENDS_PER_NOTICE_MAX).map(|send| heard(&send.to_string(), Word::Sent, 0)).collect();
    let full = after(&full);
    assert_eq!(full.hear(&heard("more", Word::Sent, 0)), Err(HeardRefused::TooManySends));
    assert!(full.hear(&heard("0", Word::Delivered, 0)).unwrap().is_some());
}

#[test]
fn what_comes_back_for_the_time_being_is_sent_again() {
    use Word::*;
    let check = |news: &[Heard], want: Option<i64>, by_hand: bool| {
        let delivery = after(news);
        assert_eq!((delivery.resend_at(), delivery.may_be_resent(None)), (want.map(at), by_hand), "{news:?}");
        let suppressed = Some(Suppression { why: Why::HardBounce, at: at(0) });
        assert!(!delivery.may_be_resent(suppressed));
    };
    check(&[], None, false);
    check(&[heard("a", Sent, 0)], None, true);
    check(&[heard("a", SoftBounced, 1)], Some(16), true);
    check(&[heard("a", SoftBounced, 1), heard("b", Sent, 16)], None, true);
    check(&[heard("a", SoftBounced, 1), heard("b", SoftBounced, 20)], Some(140), true);
    check(&[heard("a", SoftBounced, 1), heard("b", SoftBounced, 20), heard("c", SoftBounced, 141)], None, true);
    check(&[heard("a", HardBounced, 1)], None, true);
    check(&[heard("a", Delivered, 1)], None, false);
    check(&[heard("a", Complained, 1)], None, false);
}

#[test]
fn an_address_is_suppressed_for_good_reasons_only() {
    use Word::*;
    let check = |news: &[Heard], want: Option<(Why, i64)>| {
        let want = want.map(|(why, minute)| Suppression { why, at: at(minute) });
        for order in orders(news) {
            assert_eq!(after(&order).suppression(), want, "{order:?}");
        }
    };
    check(&[heard("a", Delivered, 1), heard("b", SoftBounced, 2)], None);
    check(&[heard("a", HardBounced, 1), heard("b", HardBounced, 2)], Some((Why::HardBounce, 1)));
    check(&[heard("a", HardBounced, 1), heard("b", Complained, 2)], Some((Why::Complaint, 2)));
    // Another send that arrived says nothing against it.
    check(&[heard("a", HardBounced, 1), heard("b", Delivered, 2)], Some((Why::HardBounce, 1)));
    let (bounce, complaint) = (Why::HardBounce, Why::Complaint);
    let lifted = |why, by_the_person| Suppression { why, at: at(0) }.may_be_lifted(by_the_person);
    assert_eq!(
        [lifted(bounce, true), lifted(bounce, false), lifted(complaint, true), lifted(complaint, false)],
        [true, true, true, false]
    );
}

#[test]
fn of_what_is_critical_and_reached_nobody_the_firm_hears() {
    use Word::*;
    let escalation =
        |tier: Tier, mail: &[Heard], text: ByText<'_>| escalate(tier, ByMail::Handed(&after(mail)), text, at(100));
    let check = |mail: &[Heard], text: ByText<'_>, want: Escalation| {
        assert_eq!(escalation(Tier::Critical, mail, text), want, "{mail:?} {text:?}");
        for tier in [Tier::Standard, Tier::Informational] {
            assert_eq!(escalation(tier, mail, text), Escalation::Nothing, "{mail:?} {text:?}");
        }
    };
    let back = [heard("a", HardBounced, 1)];
    check(&[heard("a", Sent, 1)], ByText::No, Escalation::Nothing);
    check(&[heard("a", Delivered, 1)], ByText::No, Escalation::Nothing);
    // Sent again by itself first.
    check(&[heard("a", SoftBounced, 1)], ByText::No, Escalation::Nothing);
    let thrice = [heard("a", SoftBounced, 1), heard("b", SoftBounced, 2), heard("c", SoftBounced, 3)];
    check(&thrice, ByText::No, Escalation::TellFirm);
    check(&back, ByText::No, Escalation::TellFirm);
    // Whoever complained has it.
    check(&[heard("a", Complained, 1)], ByText::No, Escalation::Nothing);
    let text = |news: &[Heard], planned: i64, want: Escalation| {
        check(&back, ByText::Planned { delivery: &after(news), at: at(planned) }, want);
    };
    text(&[heard("t", Delivered, 2)], 2, Escalation::Nothing);
    text(&[heard("t", HardBounced, 2)], 2, Escalation::TellFirm);
    text(&[heard("t", Sent, 41)], 2, Escalation::Wait { until: at(101) });
    text(&[heard("t", Sent, 40)], 2, Escalation::TellFirm);
    // Held until the morning, and never sent.
    text(&[], 300, Escalation::Wait { until: at(360) });
    text(&[], 40, Escalation::TellFirm);
    assert_eq!(escalate(Tier::Critical, ByMail::Withheld, ByText::No, at(0)), Escalation::TellFirm);
}
