"""Puts every call of a gRPC server with threads through the gate."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from robotics.bridge.security.authentication import RefusedError
from robotics.bridge.security.caller import CALLER
from robotics.bridge.security.gate import Gate, Visit


class ThreadGateInterceptor(grpc.ServerInterceptor):
    """As AsyncGateInterceptor; but nothing is answered late, because threads are few."""

    def __init__(self, gate: Gate):
        self._gate = gate

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        handler = continuation(handler_call_details)
        return handler and self._guard(handler_call_details.method, handler)

    def _guard(self, method: str, handler: Any) -> grpc.RpcMethodHandler:
        if handler.request_streaming:
            inner = handler.stream_stream or handler.stream_unary
        else:
            inner = handler.unary_stream or handler.unary_unary
        if getattr(inner, "experimental_non_blocking", False):
            # Watch of the health service, which is open: guarded, each watcher would occupy a thread.
            return handler
        guard = self._generating if handler.response_streaming else self._single
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        return make(guard(method, handler, inner), None, handler.response_serializer)

    def _enter(self, method: str, context: grpc.ServicerContext) -> Visit:
        try:
            # gRPC's stubs say that each value is bytes; it is a list of them, as with asyncio
            certificate: Any = context.auth_context()
            return self._gate.enter(method, context.peer(), context.invocation_metadata(), certificate)
        except RefusedError as error:
            context.abort(error.code, str(error))
            raise  # abort never returns

    def _generating(self, method: str, handler: Any, inner: Callable) -> Callable:
        def serve(data: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            visit = self._enter(method, context)
            try:
                CALLER.set(visit.caller)
                for response in inner(_requests(visit, handler, data, context), context):
                    visit.answered(response)
                    yield response
                _end(visit, context)
            finally:
                visit.leave()

        return serve

    def _single(self, method: str, handler: Any, inner: Callable) -> Callable:
        def serve(data: Any, context: grpc.ServicerContext) -> Any:
            visit = self._enter(method, context)
            try:
                CALLER.set(visit.caller)
                response = inner(_requests(visit, handler, data, context), context)
                _end(visit, context)
                visit.answered(response)
                return response
            finally:
                visit.leave()

        return serve


def _requests(visit: Visit, handler: Any, data: Any, context: grpc.ServicerContext) -> Any:
    if handler.request_streaming:
        return _stream(visit, handler.request_deserializer, data)
    try:
        return visit.parse(data, handler.request_deserializer)
    except RefusedError as error:
        context.abort(error.code, str(error))


def _stream(visit: Visit, deserialize: Callable | None, data: Iterator[bytes]) -> Iterator[Any]:
    for message in data:
        try:
            request = visit.parse_next(message, deserialize)
        except RefusedError as error:
            visit.refusal = error
            return
        yield request


def _end(visit: Visit, context: grpc.ServicerContext) -> None:
    if visit.refusal is not None:
        context.abort(visit.refusal.code, str(visit.refusal))
