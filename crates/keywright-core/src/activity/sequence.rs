//! The drawing of a story: who takes part, and each arrow with a sentence about it.

use crate::{
    CoreError,
    activity::{
        ActivityLog,
        types::{ExchangeView, LaneKind, LaneView, Peer, StepSide, StoryStep, StoryView},
    },
    app::http_clients::PROBE,
    calls::types::HeaderView,
    i18n::key::{Family, Key},
};

/// How a call was authenticated, by what was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Basic,
    Bearer,
    Cookie,
    Nothing,
}

impl ActivityLog<'_> {
    /// The story that an exchange is in, drawn.
    pub fn story(self, wanted: &str) -> Result<StoryView, CoreError> {
        Ok(self.drawn(self.story_exchanges(wanted)?))
    }

    pub(super) fn drawn(self, exchanges: Vec<ExchangeView>) -> StoryView {
        let provider = exchanges.iter().find(|one| one.peer == Peer::Provider);
        let api = exchanges.iter().find(|one| one.peer == Peer::Api);
        // A gateway is known by what it does: it takes the client's own credentials at an API.
        let gateway = exchanges.iter().any(behind_gateway);
        let lane = |kind: LaneKind, name: String, one: Option<&ExchangeView>| LaneView {
            kind,
            name,
            provider: one.and_then(|one| one.provider.clone()),
        };
        let named = provider.or(api);
        let provider_name = named
            .and_then(|one| one.config.clone())
            .or_else(|| provider.map(|one| one.summary.host.clone()))
            .unwrap_or_else(|| self.app.translate(Key::StoryLaneProvider, &[]));
        let mut lanes = vec![lane(LaneKind::Keywright, "Keywright".into(), None)];
        if provider.is_some() || gateway || api.is_none() {
            lanes.push(lane(LaneKind::Provider, provider_name.clone(), named));
        }
        if gateway {
            let name = self.app.translate(Key::StoryLaneGateway, &[]);
            lanes.push(lane(LaneKind::Gateway, name, None));
        }
        if let Some(api) = api {
            lanes.push(lane(LaneKind::Api, api.summary.host.clone(), None));
        }
        let place = |kind: LaneKind| {
            let found = lanes.iter().position(|lane| lane.kind == kind);
            u32::try_from(found.unwrap_or(1)).unwrap_or(1)
        };
        let at = Places {
            provider: place(LaneKind::Provider),
            gateway: place(LaneKind::Gateway),
            api: place(LaneKind::Api),
            has_gateway: gateway,
        };
        let steps = exchanges
            .iter()
            .flat_map(|one| self.steps_of(one, &provider_name, at))
            .collect();
        StoryView {
            application: exchanges
                .iter()
                .find_map(|one| one.summary.application.clone()),
            inferred: gateway.then(|| self.app.translate(Key::StoryInferred, &[])),
            lanes,
            steps,
            exchanges,
        }
    }

    fn steps_of(self, one: &ExchangeView, provider: &str, at: Places) -> Vec<StoryStep> {
        let summary = &one.summary;
        let purpose = summary.purpose.trim_start_matches(PROBE);
        let is_api = one.peer == Peer::Api;
        let who = if is_api { &summary.host } else { provider };
        let there = match (is_api, at.has_gateway) {
            (false, _) => at.provider,
            (true, true) => at.gateway,
            (true, false) => at.api,
        };
        let step = |side, from, to, inferred, label: String, caption: String| StoryStep {
            exchange: summary.id.clone(),
            side,
            from,
            to,
            inferred,
            label,
            status: (side == StepSide::Response && !inferred)
                .then_some(summary.status)
                .flatten(),
            failed: side == StepSide::Response
                && !inferred
                && summary.status.is_none_or(|status| status >= 400),
            purpose: purpose.to_owned(),
            caption,
        };
        let sent = sent(&one.request_headers);
        let path = summary.path.split('?').next().unwrap_or_default();
        let call = format!("{} {path}", summary.method);
        let key = match (is_api, sent) {
            (false, _) => Family::StoryAsk.key(purpose),
            (true, Sent::Basic) => Key::StoryAskApiBasic.into(),
            (true, Sent::Bearer) => Key::StoryAskApiBearer.into(),
            (true, Sent::Cookie) => Key::StoryAskApiCookie.into(),
            (true, Sent::Nothing) => Key::StoryAskApiCall.into(),
        };
        let asked = self.app.translate(key, &[("who", who)]);
        let mut steps = vec![step(
            StepSide::Request,
            0,
            there,
            false,
            call.clone(),
            asked,
        )];
        if behind_gateway(one) {
            let say = |key: Key| self.app.translate(key, &[]);
            let inferred = |side, from, to, label: String, caption: String| {
                step(side, from, to, true, label, caption)
            };
            let (ask, answer) = (StepSide::Request, StepSide::Response);
            steps.extend([
                inferred(
                    ask,
                    at.gateway,
                    at.provider,
                    say(Key::StoryGatewayLabel),
                    say(Key::StoryGatewayAsks),
                ),
                inferred(
                    answer,
                    at.provider,
                    at.gateway,
                    say(Key::StoryGatewayToken),
                    say(Key::StoryGatewayGets),
                ),
            ]);
        }
        let label = summary.status.map_or_else(
            || self.app.translate(Key::StoryNoAnswer, &[]),
            |status| status.to_string(),
        );
        let answered = self.answer_caption(one, purpose, who);
        steps.push(step(StepSide::Response, there, 0, false, label, answered));
        steps
    }

    fn answer_caption(self, one: &ExchangeView, purpose: &str, who: &str) -> String {
        let status = one.summary.status;
        let sets_cookie = one
            .response_headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("set-cookie"));
        let key = match status {
            None => Key::StoryGotNothing,
            Some(500..) => Key::StoryGotFailed,
            Some(400..) => Key::StoryGotRefused,
            Some(200..300) if one.peer == Peer::Api && sets_cookie => Key::StoryGotCookie,
            Some(200..300) => match purpose {
                "discovery" => Key::StoryGotDiscovery,
                "registration" => Key::StoryGotRegistration,
                "rotate_secret" => Key::StoryGotRotateSecret,
                "token" => Key::StoryGotToken,
                _ => Key::StoryGotOther,
            },
            Some(_) => Key::StoryGotOther,
        };
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let blanks = [("who", who), ("status", status.as_str())];
        self.app.translate(key, &blanks)
    }
}

/// Lanes by their number.
#[derive(Clone, Copy)]
struct Places {
    provider: u32,
    gateway: u32,
    api: u32,
    has_gateway: bool,
}

/// An API took the client's own ID and secret: a gateway before it has fetched the token.
fn behind_gateway(one: &ExchangeView) -> bool {
    let accepted = one.summary.status.is_some_and(|status| status < 300);
    one.peer == Peer::Api && accepted && sent(&one.request_headers) == Sent::Basic
}

fn sent(headers: &[HeaderView]) -> Sent {
    let value = |name: &str| {
        let found = headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.to_ascii_lowercase())
    };
    match value("authorization") {
        Some(value) if value.starts_with("basic") => Sent::Basic,
        Some(_) => Sent::Bearer,
        None if value("cookie").is_some() => Sent::Cookie,
        None => Sent::Nothing,
    }
}
