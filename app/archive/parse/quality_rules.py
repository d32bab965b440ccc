"""The limits beyond which a stream is poor, as named sets of rules: every threshold stands here and nowhere else.

``cqd-2024-10``: Microsoft's stream classification, text of 2024-10-22. It is the default, because it is the newest
that Microsoft published for its Call Quality Dashboard (CQD).
https://learn.microsoft.com/microsoftteams/stream-classification-in-call-quality-dashboard

``cqd-2018``: the same page from 2018 to 2021, for comparison with figures of that time.

``call-record-insights``: Microsoft's open-source tool.
https://github.com/OfficeDev/microsoft-teams-apps-callrecord-insights/blob/main/deploy/bicep/kustoScripts/Configure.kql
"""

from typing import NamedTuple


class Limit(NamedTuple):
    """A metric by Graph's name and by its column. Poor is a value above the limit, or below it if ``is_least``."""

    metric: str
    column: str
    value: float
    is_least: bool = False


class Rules(NamedTuple):
    """How the streams of one medium are judged.

    Only a stream with more than ``packets_above`` packets is judged. With ``first_known`` the first metric that is
    known decides alone; else a stream is poor beyond any limit, and good if a metric is known and none is beyond.
    """

    limits: tuple[Limit, ...]
    packets_above: int | None = None
    first_known: bool = False


class RuleSet(NamedTuple):
    """``screen_inbound`` is for screen sharing towards a client, ``screen_outbound`` for the other way and for h264s.

    ``screen_between`` is for streams between two clients, of which Graph does not say which way is inbound.
    """

    name: str
    audio: Rules
    video: Rules
    screen_inbound: Rules
    screen_outbound: Rules
    screen_between: Rules


def _frame_rate(least: float) -> Limit:
    return Limit("averageVideoFrameRate", "average_video_frame_rate", least, is_least=True)


def _video_of(*limits: Limit, packets_above: int | None = None) -> Rules:
    return Rules(limits, packets_above, first_known=True)


_AUDIO = (
    Limit("averageRoundTripTime", "average_round_trip_time", 0.5),  # seconds
    Limit("averagePacketLossRate", "average_packet_loss_rate", 0.1),
    Limit("averageJitter", "average_jitter", 0.03),  # seconds
)
_AUDIO_OF_2018 = (
    *_AUDIO,
    Limit("averageAudioDegradation", "average_audio_degradation", 1.0),
    Limit("averageRatioOfConcealedSamples", "average_ratio_of_concealed_samples", 0.07),
)
_FRAME_LOSS = Limit("averageVideoFrameLossPercentage", "average_video_frame_loss_percentage", 50.0)
_PACKET_LOSS = Limit("postForwardErrorCorrectionPacketLossRate", "post_forward_error_correction_packet_loss_rate", 0.15)
_SCREEN_OF_2018 = _video_of(_FRAME_LOSS, _frame_rate(2.0), _PACKET_LOSS)

CQD_2024_10 = RuleSet(
    "cqd-2024-10",
    audio=Rules(_AUDIO, packets_above=500),
    video=_video_of(_FRAME_LOSS, _frame_rate(7.0), _PACKET_LOSS, packets_above=500),
    screen_inbound=_video_of(_FRAME_LOSS),
    screen_outbound=_video_of(_frame_rate(1.0)),
    screen_between=_video_of(_FRAME_LOSS, _frame_rate(1.0)),
)
CQD_2018 = RuleSet(
    "cqd-2018",
    audio=Rules(_AUDIO_OF_2018, packets_above=500),
    video=_video_of(_FRAME_LOSS, _frame_rate(7.0), _PACKET_LOSS),
    screen_inbound=_SCREEN_OF_2018,
    screen_outbound=_SCREEN_OF_2018,
    screen_between=_SCREEN_OF_2018,
)
CALL_RECORD_INSIGHTS = RuleSet(
    "call-record-insights",
    audio=Rules(_AUDIO, packets_above=1_000),
    video=_video_of(_FRAME_LOSS, _frame_rate(7.0), _PACKET_LOSS),
    screen_inbound=_SCREEN_OF_2018,
    screen_outbound=_SCREEN_OF_2018,
    screen_between=_SCREEN_OF_2018,
)

DEFAULT = CQD_2024_10
RULE_SETS = {rules.name: rules for rules in (CQD_2024_10, CQD_2018, CALL_RECORD_INSIGHTS)}


def named(name: str | None) -> RuleSet:
    """The rule set with this name; the default for None, and for a name that this program does not know."""
    return RULE_SETS.get(name or "", DEFAULT)
