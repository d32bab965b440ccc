"""Which properties of a session, its networks, devices and streams a page shows, and what they are called."""

from typing import NamedTuple


class Line(NamedTuple):
    """One line of a comparison of both ends; ``name`` is the column behind the side."""

    text: str
    name: str
    unit: str = ""


class Measure(NamedTuple):
    """One column of a table of streams; ``metric`` is Graph's name where Microsoft has a limit for it."""

    text: str
    name: str
    unit: str
    metric: str = ""


ENDS = (
    Line("Client", "user_agent_platform", "member"),
    Line("Product", "user_agent_product_family", "member"),
    Line("Version", "user_agent_application_version"),
    Line("Role", "user_agent_role", "member"),
    Line("Computer", "name"),
    Line("Processor", "cpu_name"),
    Line("Cores", "cpu_cores_count", "count"),
    Line("Rated", "feedback_rating", "member"),
    Line("Wrote", "feedback_text"),
)
NETWORK = (
    Line("Connection", "connection_type", "member"),
    Line("Wifi band", "wifi_band", "member"),
    Line("Wifi standard", "wifi_radio_type", "member"),
    Line("Wifi signal", "wifi_signal_strength", "of 100"),
    Line("Wifi channel", "wifi_channel"),
    Line("Access point", "basic_service_set_identifier"),
    Line("Wifi driver", "wifi_vendor_driver"),
    Line("Driver's version", "wifi_vendor_driver_version"),
    Line("Link speed", "link_speed", "link"),
    Line("Transport", "network_transport_protocol", "member"),
    Line("Subnet", "subnet"),
    Line("Address", "ip_address"),
    Line("Seen from outside", "reflexive_ip_address"),
    Line("Relay", "relay_ip_address"),
    Line("Domain", "dns_suffix"),
    Line("Too little bandwidth", "bandwidth_low_event_ratio", "share"),
    Line("Delayed", "delay_event_ratio", "share"),
    Line("Received badly", "received_quality_event_ratio", "share"),
    Line("Sent badly", "sent_quality_event_ratio", "share"),
)
DEVICES = (
    Line("Microphone", "capture_device_name"),
    Line("Its driver", "capture_device_driver"),
    Line("Microphone silent", "capture_not_functioning_event_ratio", "share"),
    Line("Speaker", "render_device_name"),
    Line("Its driver", "render_device_driver"),
    Line("Speaker silent", "render_not_functioning_event_ratio", "share"),
    Line("Speaker muted", "render_mute_event_ratio", "share"),
    Line("Volume at nothing", "render_zero_volume_event_ratio", "share"),
    Line("Glitches", "device_glitch_event_ratio", "share"),
    Line("Clipped", "device_clipping_event_ratio", "share"),
    Line("Howled", "howling_event_count", "times"),
    Line("Too little processor", "cpu_insufficent_event_ratio", "share"),
    Line("Speech too quiet", "low_speech_level_event_ratio", "share"),
    Line("Speech in noise", "low_speech_to_noise_event_ratio", "share"),
    Line("Signal sent", "sent_signal_level", "dB"),
    Line("Noise sent", "sent_noise_level", "dB"),
    Line("Signal received", "received_signal_level", "dB"),
    Line("Noise received", "received_noise_level", "dB"),
)
AUDIO = (
    Measure("Round trip", "average_round_trip_time", "s", "averageRoundTripTime"),
    Measure("at most", "max_round_trip_time", "s"),
    Measure("Packet loss", "average_packet_loss_rate", "share", "averagePacketLossRate"),
    Measure("at most", "max_packet_loss_rate", "share"),
    Measure("Jitter", "average_jitter", "s", "averageJitter"),
    Measure("at most", "max_jitter", "s"),
    Measure("Concealed", "average_ratio_of_concealed_samples", "share"),
    Measure("at most", "max_ratio_of_concealed_samples", "share"),
    Measure("Degradation", "average_audio_degradation", "score"),
    Measure("Network jitter", "average_audio_network_jitter", "s"),
    Measure("at most", "max_audio_network_jitter", "s"),
    Measure("Bandwidth", "average_bandwidth_estimate", "bit/s"),
    Measure("Packets", "packet_utilization", "count"),
    Measure("Corrected", "is_audio_forward_error_correction_used", "yes"),
    Measure("Media bypass", "was_media_bypassed", "yes"),
)
PICTURES = (
    Measure("Frames lost", "average_video_frame_loss_percentage", "percent", "averageVideoFrameLossPercentage"),
    Measure("Frame rate", "average_video_frame_rate", "per second", "averageVideoFrameRate"),
    Measure(
        "Loss after correction",
        "post_forward_error_correction_packet_loss_rate",
        "share",
        "postForwardErrorCorrectionPacketLossRate",
    ),
    Measure("Packet loss", "average_video_packet_loss_rate", "share"),
    Measure("Received rate", "average_received_frame_rate", "per second"),
    Measure("Rate low", "low_frame_rate_ratio", ""),
    Measure("Too little processor", "low_video_processing_capability_ratio", ""),
    Measure("Round trip", "average_round_trip_time", "s"),
    Measure("Jitter", "average_jitter", "s"),
    Measure("Frozen", "average_freeze_duration", "s"),
    Measure("Bandwidth", "average_bandwidth_estimate", "bit/s"),
    Measure("Packets", "packet_utilization", "count"),
    Measure("Media bypass", "was_media_bypassed", "yes"),
)
