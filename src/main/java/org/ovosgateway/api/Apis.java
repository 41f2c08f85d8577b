// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.ovosgateway.http.Content;
import org.ovosgateway.http.Document;
import org.ovosgateway.http.ErrorFormat;
import org.ovosgateway.problem.Problem;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** What the server serves: routes and contracts of all APIs, those with an address of their own there and nowhere else. */
@Component
final class Apis implements Content {

    private final HttpRouter router;
    private final Contracts contracts;
    private final ApiProperties settings;
    private final Set<String> served;

    Apis(
            CamelContext camel,
            HttpRouter router,
            Contracts contracts,
            ApiProperties settings,
            ObjectProvider<OwnServer> others) {
        this.router = router;
        this.contracts = contracts;
        this.settings = settings;
        this.served = others.stream().map(OwnServer::api).collect(Collectors.toSet());
        addresses().keySet().forEach(name -> camel.getRegistry().bind(HttpRouter.name(name), router.at(name)));
    }

    @Override
    public Map<String, Address> addresses() {
        Map<String, Address> addresses = new LinkedHashMap<>();
        settings.apis().forEach((name, api) -> {
            if (api.enabled() && api.isElsewhere() && !served.contains(name)) {
                addresses.put(
                        settings.address(new Api(name)), new Address(api.address(), api.port(), "ovos.apis." + name));
            }
        });
        return addresses;
    }

    @Override
    public Router router(String address) {
        return router.at(address).router();
    }

    @Override
    public Document document(String address, String path) {
        return contracts.document(path, api -> settings.address(api).equals(address));
    }

    @Override
    public Handler<RoutingContext> cors(String address, String path) {
        return contracts.cors(path, api -> settings.address(api).equals(address));
    }

    @Override
    public boolean takesPasswords(String address, String path) {
        return contracts.takesPasswords(path, api -> settings.address(api).equals(address));
    }

    @Override
    public ErrorFormat errors(String address, String path) {
        return contracts.errors(path, api -> settings.address(api).equals(address));
    }

    @Override
    public Optional<Problem> outage() {
        return contracts.outage();
    }
}
