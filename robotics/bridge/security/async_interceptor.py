"""Puts every call of an asyncio gRPC server through the gate."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from robotics.bridge.security.authentication import RefusedError
from robotics.bridge.security.caller import CALLER
from robotics.bridge.security.gate import Gate, Visit

DELAY_S = 1.0
"""How late a flood is answered: a connection, with 100 calls at once, makes 100 a second then at most."""


class AsyncGateInterceptor(grpc.aio.ServerInterceptor):
    """Services find the caller in `CALLER`; a refused call never reaches them, nor is it parsed."""

    def __init__(self, gate: Gate):
        self._gate = gate
        self._guarded: dict[str, grpc.RpcMethodHandler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        method = handler_call_details.method
        if method not in self._guarded:
            handler = await continuation(handler_call_details)
            if handler is None:
                return handler  # there is no such method
            self._guarded[method] = self._guard(method, handler)
        return self._guarded[method]

    def _guard(self, method: str, handler: Any) -> grpc.RpcMethodHandler:
        serialize = handler.response_serializer
        if handler.request_streaming:
            inner = handler.stream_stream or handler.stream_unary
        else:
            inner = handler.unary_stream or handler.unary_unary
        if inspect.isasyncgenfunction(inner):
            guarded = self._generating(method, handler, inner)
        else:
            guarded = self._awaited(method, handler, inner)
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        # without a deserializer the request comes as bytes, which are parsed once the caller is known
        return make(guarded, None, serialize)

    async def _enter(self, method: str, context: grpc.aio.ServicerContext) -> Visit:
        try:
            visit = self._gate.enter(
                method, context.peer(), context.invocation_metadata() or (), context.auth_context()
            )
        except RefusedError as error:
            raise await _refuse(context, error) from None
        CALLER.set(visit.caller)
        return visit

    def _generating(self, method: str, handler: Any, inner: Callable) -> Callable:
        async def serve(data: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
            visit = await self._enter(method, context)
            try:
                responses = inner(await _requests(visit, handler, data, context), context)
                try:
                    async for response in responses:
                        visit.answered(response)
                        yield response
                finally:
                    await responses.aclose()
                if visit.refusal is not None:
                    raise await _refuse(context, visit.refusal)
            finally:
                visit.leave()

        return serve

    def _awaited(self, method: str, handler: Any, inner: Callable) -> Callable:
        async def serve(data: Any, context: grpc.aio.ServicerContext) -> Any:
            visit = await self._enter(method, context)
            try:
                response = await inner(await _requests(visit, handler, data, context), context)
                if visit.refusal is not None:
                    raise await _refuse(context, visit.refusal)
                if not handler.response_streaming:
                    visit.answered(response)
                return response
            finally:
                visit.leave()

        return serve


async def _requests(visit: Visit, handler: Any, data: Any, context: grpc.aio.ServicerContext) -> Any:
    """What the service gets: the request, or those of a stream."""
    if handler.request_streaming:
        return _stream(visit, handler.request_deserializer, data)
    try:
        return visit.parse(data, handler.request_deserializer)
    except RefusedError as error:
        raise await _refuse(context, error) from None


async def _stream(visit: Visit, deserialize: Callable | None, data: AsyncIterator[bytes]) -> AsyncIterator:
    async for message in data:
        try:
            request = visit.parse_next(message, deserialize)
        except RefusedError as error:
            # The service sees the stream end and lets go of the robot as it always does.
            visit.refusal = error
            return
        yield request


async def _refuse(context: grpc.aio.ServicerContext, refusal: RefusedError) -> RefusedError:
    """End the call; never returns, but its type lets callers say so."""
    if refusal.delay:
        await asyncio.sleep(DELAY_S)
    await context.abort(refusal.code, str(refusal))
    return refusal
