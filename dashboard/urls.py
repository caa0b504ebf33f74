"""The dashboard's addresses."""

from django.urls import path

from dashboard.views import alerts, customers, favicon, live, overview, search, session, transactions

app_name = "dashboard"
urlpatterns = [
    path("", overview.page, name="overview"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("search/", search.results, name="search"),
    path("alerts/", alerts.queue, name="alerts"),
    path("alerts/arrived/", alerts.arrived, name="alerts_arrived"),
    path("alerts/claim/", alerts.claim, name="alerts_claim"),
    path("alerts/latest/", alerts.latest, name="alerts_latest"),
    path("alerts/next/", alerts.next_best, name="alerts_next"),
    path("alerts/<int:pk>/", alerts.detail, name="alert"),
    path("alerts/<int:pk>/resolve/", alerts.resolve, name="alert_resolve"),
    path("alerts/<int:pk>/assign/", alerts.assign, name="alert_assign"),
    path("transactions/", transactions.listing, name="transactions"),
    path("transactions/<int:pk>/", transactions.detail, name="transaction"),
    path("customers/", customers.listing, name="customers"),
    path("customers/<int:pk>/", customers.detail, name="customer"),
    path("favicon.ico", favicon.icon, name="favicon"),
    path("live/state/", live.state, name="live_state"),
]
