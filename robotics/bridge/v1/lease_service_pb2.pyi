from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AcquireLeaseRequest(_message.Message):
    __slots__ = ("client_name", "client_deadline_s")
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_DEADLINE_S_FIELD_NUMBER: _ClassVar[int]
    client_name: str
    client_deadline_s: float
    def __init__(self, client_name: _Optional[str] = ..., client_deadline_s: _Optional[float] = ...) -> None: ...

class AcquireLeaseResponse(_message.Message):
    __slots__ = ("status", "lease")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    lease: _types_pb2.Lease
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class TakeLeaseRequest(_message.Message):
    __slots__ = ("client_name", "client_deadline_s")
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_DEADLINE_S_FIELD_NUMBER: _ClassVar[int]
    client_name: str
    client_deadline_s: float
    def __init__(self, client_name: _Optional[str] = ..., client_deadline_s: _Optional[float] = ...) -> None: ...

class TakeLeaseResponse(_message.Message):
    __slots__ = ("status", "lease", "previous_owner")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_OWNER_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    lease: _types_pb2.Lease
    previous_owner: str
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., previous_owner: _Optional[str] = ...) -> None: ...

class RetainLeaseRequest(_message.Message):
    __slots__ = ("lease",)
    LEASE_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class RetainLeaseResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class ReturnLeaseRequest(_message.Message):
    __slots__ = ("lease",)
    LEASE_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class ReturnLeaseResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class GetLeaseOwnerRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetLeaseOwnerResponse(_message.Message):
    __slots__ = ("client_name",)
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    client_name: str
    def __init__(self, client_name: _Optional[str] = ...) -> None: ...
