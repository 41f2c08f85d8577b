// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceInfo;

import org.ovosgateway.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the network by multicast (DNS-SD, RFC 6763) that there is a Wyoming server, on each address at which one of the allowed
 * networks reaches it. Nothing of the library is loaded before there is something to tell.
 */
final class Announcement {

    private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);
    private static final String TYPE = "_wyoming._tcp.local.";
    private static final String NAME = "ovos-gateway";

    private final WyomingProperties properties;
    private final List<JmDNS> told = new ArrayList<>();
    private ExecutorService thread;

    Announcement(WyomingProperties properties) {
        this.properties = properties;
    }

    /** Never blocks, while the library waits for seconds. */
    synchronized void begin(int port) {
        if (thread == null && properties.zeroconf() && !properties.isLoopback()) {
            thread = Executors.newSingleThreadExecutor(task -> {
                Thread daemon = new Thread(task, "zeroconf");
                daemon.setDaemon(true);
                return daemon;
            });
            thread.execute(() -> tell(port));
        }
    }

    /** Takes it back. */
    synchronized void end() {
        if (thread != null) {
            try {
                thread.execute(this::takeBack);
            } catch (RejectedExecutionException e) {
                // it has ended
            }
            thread.shutdown();
            thread = null;
        }
    }

    private void tell(int port) {
        try {
            for (InetAddress address : addresses()) {
                tell(address, port);
            }
        } catch (IOException e) {
            LOG.warn("Wyoming is not announced by multicast: {}", LogText.of(e.toString()));
        }
    }

    private void tell(InetAddress address, int port) {
        try {
            JmDNS network = JmDNS.create(address, NAME);
            told.add(network);
            network.registerService(ServiceInfo.create(TYPE, name(), port, 0, 0, Map.of()));
            LOG.info("Wyoming is announced by multicast on {}", address.getHostAddress());
        } catch (IOException e) {
            LOG.warn(
                    "Wyoming is not announced by multicast on {}: {}",
                    address.getHostAddress(),
                    LogText.of(e.toString()));
        }
    }

    private void takeBack() {
        for (JmDNS network : told) {
            try {
                network.unregisterAllServices();
                network.close();
            } catch (IOException e) {
                LOG.debug("The announcement of Wyoming was not taken back", e);
            }
        }
        told.clear();
    }

    /** The same at each start: Home Assistant knows the server by it. */
    private static String name() throws IOException {
        return NAME + "-" + InetAddress.getLocalHost().getHostName().replaceFirst("\\..*", "");
    }

    /** Of this machine, at which clients that may connect reach the server. */
    private List<InetAddress> addresses() throws IOException {
        InetAddress own = InetAddress.getByName(properties.address());
        if (!own.isAnyLocalAddress()) {
            return List.of(own);
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (network.isUp() && network.supportsMulticast() && !network.isLoopback()) {
                network.inetAddresses()
                        .filter(Inet4Address.class::isInstance)
                        .filter(address -> properties.allowed().contain(address.getHostAddress()))
                        .forEach(addresses::add);
            }
        }
        return addresses;
    }
}
