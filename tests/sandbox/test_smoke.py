from conftest import Client  # type: ignore
def test_smoke(client):
    c=client
    print(c.data("GET","/authorization/202309/shops"))
    w=c.data("GET","/logistics/202309/warehouses")
    wid=w["warehouses"][0]["id"]
    o=c.data("GET",f"/logistics/202309/warehouses/{wid}/delivery_options")
    did=o["delivery_options"][0]["id"]
    c.data("GET",f"/logistics/202309/delivery_options/{did}/shipping_providers")
    for v in ("202309","202312","202502"):
        p=c.data("POST",f"/product/{v}/products/search",{"page_size":3},{})
        print(p["next_page_token"],p["total_count"])
    c.data("GET","/product/202309/products/"+p["products"][0]["id"])
    s=c.data("POST","/order/202309/orders/search",{"page_size":100},{})
    import json; print(json.dumps(s["orders"][3],indent=1))
    for o in s["orders"]:
        print(o["status"],o["recipient_address"]["full_address"])
        print(c.order(o["id"])["status"])
    oid=[o for o in s["orders"] if o["status"]=="AWAITING_SHIPMENT"][0]["id"]
    print(c.data("POST",f"/fulfillment/202309/orders/{oid}/packages",{},{"tracking_number":"1Z12345E0291980793","shipping_provider_id":"7117858858072016686"}))
    print(c.data("POST","/return_refund/202602/cancellations/search",{},{}))
    print(c.control("GET","/journal")["entries"][-1])
    c.control("GET","/state")
