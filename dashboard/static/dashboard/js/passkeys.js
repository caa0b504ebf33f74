// Says beside the button why a passkey did not work; the ceremony itself is in allauth's webauthn.js.
(function () {
  "use strict";
  const words = {
    NotAllowedError: "It was stopped, or took too long. Try again.",
    InvalidStateError: "This device or key is added already.",
    SecurityError: "Passkeys need https, or localhost.",
    NotSupportedError: "This browser or device knows no passkeys.",
  };

  document.addEventListener("allauth.error", (event) => {
    const note = document.getElementById("passkey-problem");
    if (!note) return;
    const error = event.detail.exception;
    event.preventDefault();
    note.textContent = words[error.name] || "That did not work: " + (error.message || error.name);
    note.hidden = false;
  });
})();
