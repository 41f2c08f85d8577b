// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.wyoming;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    /** The library says goodbye at once, and then twice more. */
    private static final long GOODBYE_SECONDS = 2;

    private final WyomingProperties properties;
    /** Used on the thread only. */
    private final List<JmDNS> registered = new ArrayList<>();

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread daemon = new Thread(task, "zeroconf");
                daemon.setDaemon(true);
                return daemon;
            });

    private Future<?> ended = CompletableFuture.completedFuture(null);
    private boolean begun;

    Announcement(WyomingProperties properties) {
        this.properties = properties;
        // it is there while there is something to do
        thread.allowCoreThreadTimeOut(true);
    }

    /** Never blocks, while the library waits for seconds. */
    synchronized void begin(int port) {
        if (!begun && properties.zeroconf() && !properties.isLoopback()) {
            begun = true;
            thread.execute(() -> register(port));
        }
    }

    /** Takes it back; never blocks. */
    synchronized void end() {
        if (begun) {
            begun = false;
            ended = thread.submit(this::takeBack);
        }
    }

    /** Waits until the network knows that it has ended, but not for long. */
    void awaitEnd() {
        Future<?> last;
        synchronized (this) {
            last = ended;
        }
        try {
            last.get(GOODBYE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The announcement of Wyoming was not taken back in time", e);
        }
    }

    private void register(int port) {
        try {
            for (InetAddress address : addresses()) {
                register(address, port);
            }
        } catch (IOException e) {
            LOG.warn("Wyoming is not announced by multicast: {}", LogText.of(e.toString()));
        }
    }

    private void register(InetAddress address, int port) {
        try {
            JmDNS network = JmDNS.create(address, NAME);
            registered.add(network);
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
        for (JmDNS network : registered) {
            try {
                network.unregisterAllServices();
                network.close();
            } catch (IOException e) {
                LOG.debug("The announcement of Wyoming was not taken back", e);
            }
        }
        registered.clear();
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
