"""ONNX models through onnxruntime, which is an optional extra: imported when such a model is used."""

from __future__ import annotations

from typing import Any

import numpy as np

EXTRA = "an ONNX model needs onnxruntime: run .venv/bin/uv pip install onnxruntime"


class OnnxRefused(ValueError):
    """An ONNX file that cannot be used; the message says what would help."""


class OnnxClassifier:
    """A classifier in ONNX form, kept as its bytes; each process that loads it makes its own session.

    Inputs are single precision, as converters write them: values differ from the original's in the
    seventh digit.
    """

    def __init__(self, content: bytes):
        """Raises OnnxRefused."""
        self.content = content
        self.session = _session(content)
        if len(self.session.get_inputs()) != 1:
            raise OnnxRefused("it has several inputs: convert it with one input of float [None, K]")

    def __getstate__(self) -> dict[str, Any]:
        return {"content": self.content}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["content"])  # an artifact that cannot be used is refused when it is loaded

    @property
    def n_features_in_(self) -> int | None:
        shape = self.session.get_inputs()[0].shape
        return shape[-1] if shape and isinstance(shape[-1], int) else None

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """[n, 2]; the classes stand in the order of the converter, the second is fraud."""
        name = self.session.get_inputs()[0].name
        answers = self.session.run(None, {name: np.asarray(X, dtype=np.float32)})
        for answer in reversed(answers):  # the label comes first, the probabilities after it
            if (found := _probabilities(answer)) is not None:
                return found
        raise OnnxRefused("none of its outputs holds probabilities of two classes")


def _session(content: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise OnnxRefused(EXTRA) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # threads do not survive a fork
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own kinds derive from nothing narrower
        raise OnnxRefused(f"onnxruntime does not read it: {str(error).splitlines()[0][:200]}") from error


def _probabilities(answer: Any) -> np.ndarray | None:
    """From a tensor [n, 2] or [n, 1], or from the dictionaries that some converters write."""
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        classes = sorted(answer[0], key=str)
        if [str(one).lower() for one in classes] not in (["0", "1"], ["false", "true"]):
            raise OnnxRefused(f"its classes are {classes}: convert it with the classes 0 and 1")
        answer = np.array([[row[name] for name in classes] for row in answer])
    answer = np.asarray(answer)
    if answer.dtype.kind != "f" or answer.ndim != 2:
        return None
    if answer.shape[1] == 1:
        answer = np.column_stack([1.0 - answer[:, 0], answer[:, 0]])
    return answer.astype(np.float64) if answer.shape[1] == 2 else None
