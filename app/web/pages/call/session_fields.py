"""The properties of a session, its networks, devices and streams that a page shows, and their labels."""

from typing import NamedTuple


class Line(NamedTuple):
    """One line of the comparison of caller and callee; ``name`` is the column without its side."""

    text: str
    name: str
    unit: str = ""


class Measure(NamedTuple):
    """One row of a table of streams; ``metric`` is Graph's name where Microsoft has a threshold for it."""

    text: str
    name: str
    unit: str
    metric: str = ""


ENDPOINT = (
    Line("Client", "user_agent_platform", "member"),
    Line("Product", "user_agent_product_family", "member"),
    Line("Version", "user_agent_application_version"),
    Line("Role", "user_agent_role", "member"),
    Line("Computer", "name"),
    Line("CPU", "cpu_name"),
    Line("CPU cores", "cpu_cores_count", "count"),
    Line("Rating", "feedback_rating", "member"),
    Line("Comment", "feedback_text"),
)
NETWORK = (
    Line("Connection", "connection_type", "member"),
    Line("Wi-Fi band", "wifi_band", "member"),
    Line("Wi-Fi standard", "wifi_radio_type", "member"),
    Line("Wi-Fi signal", "wifi_signal_strength", "of 100"),
    Line("Wi-Fi channel", "wifi_channel"),
    Line("Access point (BSSID)", "basic_service_set_identifier"),
    Line("Wi-Fi driver", "wifi_vendor_driver"),
    Line("Wi-Fi driver version", "wifi_vendor_driver_version"),
    Line("Link speed", "link_speed", "link"),
    Line("Transport", "network_transport_protocol", "member"),
    Line("Subnet", "subnet"),
    Line("IP address", "ip_address"),
    Line("Public IP address", "reflexive_ip_address"),
    Line("Relay IP address", "relay_ip_address"),
    Line("DNS suffix", "dns_suffix"),
    Line("Low bandwidth", "bandwidth_low_event_ratio", "share"),
    Line("High delay", "delay_event_ratio", "share"),
    Line("Poor receive quality", "received_quality_event_ratio", "share"),
    Line("Poor send quality", "sent_quality_event_ratio", "share"),
)
DEVICES = (
    Line("Microphone", "capture_device_name"),
    Line("Microphone driver", "capture_device_driver"),
    Line("Microphone not working", "capture_not_functioning_event_ratio", "share"),
    Line("Speaker", "render_device_name"),
    Line("Speaker driver", "render_device_driver"),
    Line("Speaker not working", "render_not_functioning_event_ratio", "share"),
    Line("Speaker muted", "render_mute_event_ratio", "share"),
    Line("Speaker volume at zero", "render_zero_volume_event_ratio", "share"),
    Line("Device glitches", "device_glitch_event_ratio", "share"),
    Line("Clipping", "device_clipping_event_ratio", "share"),
    Line("Echo/howling", "howling_event_count", "times"),
    Line("CPU overload", "cpu_insufficent_event_ratio", "share"),
    Line("Low speech level", "low_speech_level_event_ratio", "share"),
    Line("Low speech-to-noise ratio", "low_speech_to_noise_event_ratio", "share"),
    Line("Sent signal level", "sent_signal_level", "dB"),
    Line("Sent noise level", "sent_noise_level", "dB"),
    Line("Received signal level", "received_signal_level", "dB"),
    Line("Received noise level", "received_noise_level", "dB"),
)
AUDIO = (
    Measure("Round trip", "average_round_trip_time", "s", "averageRoundTripTime"),
    Measure("Round trip, max", "max_round_trip_time", "s"),
    Measure("Packet loss", "average_packet_loss_rate", "share", "averagePacketLossRate"),
    Measure("Packet loss, max", "max_packet_loss_rate", "share"),
    Measure("Jitter", "average_jitter", "s", "averageJitter"),
    Measure("Jitter, max", "max_jitter", "s"),
    Measure("Concealed samples", "average_ratio_of_concealed_samples", "share"),
    Measure("Concealed samples, max", "max_ratio_of_concealed_samples", "share"),
    Measure("Degradation", "average_audio_degradation", "score"),
    Measure("Network jitter", "average_audio_network_jitter", "s"),
    Measure("Network jitter, max", "max_audio_network_jitter", "s"),
    Measure("Bandwidth", "average_bandwidth_estimate", "bit/s"),
    Measure("Packets", "packet_utilization", "count"),
    Measure("FEC used", "is_audio_forward_error_correction_used", "yes"),
    Measure("Media bypass", "was_media_bypassed", "yes"),
)
VIDEO = (
    Measure("Frame loss", "average_video_frame_loss_percentage", "percent", "averageVideoFrameLossPercentage"),
    Measure("Frame rate", "average_video_frame_rate", "per second", "averageVideoFrameRate"),
    Measure(
        "Loss after FEC",
        "post_forward_error_correction_packet_loss_rate",
        "share",
        "postForwardErrorCorrectionPacketLossRate",
    ),
    Measure("Packet loss", "average_video_packet_loss_rate", "share"),
    Measure("Received frame rate", "average_received_frame_rate", "per second"),
    Measure("Low frame rate", "low_frame_rate_ratio", ""),
    Measure("CPU overload", "low_video_processing_capability_ratio", ""),
    Measure("Round trip", "average_round_trip_time", "s"),
    Measure("Jitter", "average_jitter", "s"),
    Measure("Freeze duration", "average_freeze_duration", "s"),
    Measure("Bandwidth", "average_bandwidth_estimate", "bit/s"),
    Measure("Packets", "packet_utilization", "count"),
    Measure("Media bypass", "was_media_bypassed", "yes"),
)
