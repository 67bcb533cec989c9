from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TimeSyncRequest(_message.Message):
    __slots__ = ("client_send_time_ns", "previous", "lease")
    CLIENT_SEND_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    client_send_time_ns: int
    previous: RoundTrip
    lease: _types_pb2.Lease
    def __init__(self, client_send_time_ns: _Optional[int] = ..., previous: _Optional[_Union[RoundTrip, _Mapping]] = ..., lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class RoundTrip(_message.Message):
    __slots__ = ("client_send_time_ns", "received_time_ns", "sent_time_ns", "client_receive_time_ns")
    CLIENT_SEND_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    SENT_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_RECEIVE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    client_send_time_ns: int
    received_time_ns: int
    sent_time_ns: int
    client_receive_time_ns: int
    def __init__(self, client_send_time_ns: _Optional[int] = ..., received_time_ns: _Optional[int] = ..., sent_time_ns: _Optional[int] = ..., client_receive_time_ns: _Optional[int] = ...) -> None: ...

class TimeSyncResponse(_message.Message):
    __slots__ = ("client_send_time_ns", "received_time_ns", "sent_time_ns", "clock_id", "follows_wall_time", "synchronised")
    CLIENT_SEND_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    SENT_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ID_FIELD_NUMBER: _ClassVar[int]
    FOLLOWS_WALL_TIME_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONISED_FIELD_NUMBER: _ClassVar[int]
    client_send_time_ns: int
    received_time_ns: int
    sent_time_ns: int
    clock_id: str
    follows_wall_time: bool
    synchronised: bool
    def __init__(self, client_send_time_ns: _Optional[int] = ..., received_time_ns: _Optional[int] = ..., sent_time_ns: _Optional[int] = ..., clock_id: _Optional[str] = ..., follows_wall_time: _Optional[bool] = ..., synchronised: _Optional[bool] = ...) -> None: ...
