"""What stands between the right password and being signed in, besides the second factor."""

from allauth.account.stages import EmailVerificationStage


class OwnRegistrationStage(EmailVerificationStage):
    """Only who registered by themselves must verify their e-mail: whom an admin made or invited is known."""

    def handle(self):
        user = self.login.user
        if user is not None and not user.awaits_verification:
            return None, True
        return super().handle()
